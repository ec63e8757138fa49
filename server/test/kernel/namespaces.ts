import { existsSync, readdirSync } from "node:fs";
import { ip, mustRun, run } from "./shell.ts";

/** The names of this process's network namespaces begin so; the number tells whose they are. */
const PREFIX = "portolan-test-";

let count = 0;

/** Makes network namespaces that are gone when they are closed, and at the latest when the process ends. */
export function openNamespaces() {
  removeAbandoned();
  const open = new Set<string>();
  const close = (): void => {
    for (const name of open) run("ip", ["netns", "delete", name]);
    open.clear();
    process.off("exit", close);
  };
  process.on("exit", close);
  endOnSignals();
  return {
    /** A fresh namespace with loopback up and with packets free to take odd ways. */
    create: (role: string): string => {
      const name = `${PREFIX}${process.pid}-${count++}-${role}`;
      ip(`netns add ${name}`);
      open.add(name);
      setKernel(name, settings);
      ip(`-n ${name} link set lo up`);
      return name;
    },
    close,
  };
}

/** Lets a signal end the process in the ordinary way, so that it cleans up. */
function endOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(1));
  }
}

/** Sets what sysctl calls `net.ipv4.ip_forward` and the rest in one namespace, as far as this kernel has it there. */
export function setKernel(namespace: string, values: Readonly<Record<string, number>>): void {
  const commands = Object.entries(values).map(([name, value]) => {
    const file = `/proc/sys/net/${name.replaceAll(".", "/")}`;
    return `[ ! -e ${file} ] || echo ${value} > ${file}`;
  });
  mustRun("ip", ["netns", "exec", namespace, "sh", "-e"], commands.join("\n"));
}

/** Packets may take odd ways, and addresses are good at once. */
const settings: Readonly<Record<string, number>> = {
  "ipv4.conf.all.rp_filter": 0,
  "ipv4.conf.default.rp_filter": 0,
  "ipv4.conf.all.send_redirects": 0,
  "ipv4.conf.default.send_redirects": 0,
  "ipv6.conf.all.accept_dad": 0,
  "ipv6.conf.default.accept_dad": 0,
};

/** Removes what a run of these tests left behind when it was killed. */
function removeAbandoned(): void {
  const folder = "/run/netns";
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const owner = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (owner > 0 && !existsSync(`/proc/${owner}`)) run("ip", ["netns", "delete", name]);
  }
}
