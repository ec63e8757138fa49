import { openNamespaces } from "./namespaces.ts";
import { run } from "./shell.ts";

/** One of the two programs called iptables: over nf_tables, or the legacy one. */
export interface Backend {
  /** `iptables-nft`, `iptables-legacy`, or `iptables` where only that exists. */
  readonly iptables: string;
}

/** What this machine offers, or why it cannot run these tests. */
export type Prerequisites =
  | { readonly kind: "ready"; readonly backends: readonly Backend[] }
  | { readonly kind: "missing"; readonly reason: string };

/**
 * Looks for root, network namespaces and working iptables. Where something is missing the tests are to be skipped
 * visibly, with a reason that begins with `kernel ring skipped:`; with `PORTOLAN_REQUIRE_RINGS=1` that throws instead.
 */
export function findPrerequisites(): Prerequisites {
  const found = look();
  if (found.kind === "missing" && process.env["PORTOLAN_REQUIRE_RINGS"] === "1") throw new Error(found.reason);
  return found;
}

function look(): Prerequisites {
  if (process.platform !== "linux") return missing("it needs Linux");
  if (process.getuid?.() !== 0) return missing("it needs root");
  const namespaces = openNamespaces();
  try {
    const trial = namespaces.create("trial");
    const candidates = ["iptables-nft", "iptables-legacy"].filter((name) => run(name, ["--version"]).ok);
    const programs = candidates.length > 0 ? candidates : ["iptables"];
    const complaints = new Map(programs.map((program) => [program, tryRules(trial, program)]));
    const backends = programs.filter((program) => complaints.get(program) === undefined);
    if (backends.length === 0) return missing([...complaints].map(([name, why]) => `${name}: ${why}`).join("; "));
    return { kind: "ready", backends: backends.map((iptables) => ({ iptables })) };
  } catch (error) {
    return missing(error instanceof Error ? error.message : String(error));
  } finally {
    namespaces.close();
  }
}

const missing = (reason: string): Prerequisites => ({
  kind: "missing",
  reason: `kernel ring skipped: ${reason.replaceAll("\n", " ").trim()}`,
});

/** Loads one rule of each kind that kube-proxy writes; what it says if the kernel does not know one. */
function tryRules(namespace: string, program: string): string | undefined {
  const rules = [
    "*filter",
    ":TRIAL - [0:0]",
    '-A TRIAL -m comment --comment "a b" -m conntrack --ctstate NEW -m mark --mark 0x1/0x1 -j REJECT',
    "-A TRIAL -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j DROP",
    "COMMIT",
    "*nat",
    ":TRIAL - [0:0]",
    "-A TRIAL -m statistic --mode random --probability 0.5000000000 -j MARK --or-mark 0x1",
    "-A TRIAL -m recent --name TRIAL --rcheck --seconds 10 --reap -j MASQUERADE --random-fully",
    "-A TRIAL -m recent --name TRIAL --set -m tcp -p tcp -j DNAT --to-destination 10.0.0.1:80",
    "COMMIT",
    "",
  ].join("\n");
  const { ok, complaint } = run("ip", ["netns", "exec", namespace, `${program}-restore`, "--noflush"], rules);
  return ok ? undefined : complaint;
}
