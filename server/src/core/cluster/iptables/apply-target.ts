import { addressAt, familyOf, parseCidr, toNumber } from "../../base/ip.ts";
import { forkOn } from "../netfilter/condition.ts";
import type { Action } from "../netfilter/walk.ts";
import type { PacketState } from "./match-packet.ts";
import { foreignTargetText } from "./print-foreign.ts";
import { type Chain, findChain, type Rule, type Target } from "./rule.ts";
import { type Effect, type Flow, giveUp, type Place, runChain } from "./run-chain.ts";

/** What a rule does to a flow that it has matched. */
export function applyTarget(
  place: Place,
  flow: Flow,
  { target, endpoint, port: servicePort }: Rule,
): readonly Effect[] {
  const { state } = flow;
  const goOn = (changed: Partial<PacketState>): readonly Effect[] => [
    { flow: { ...flow, state: { ...state, ...changed } }, fate: "continue" },
  ];
  const send = (changed: Partial<PacketState>, to: Flow["endpoint"] = undefined): readonly Effect[] => [
    { flow: { ...flow, endpoint: to, state: { ...state, ...changed, translated: true } }, fate: "accept" },
  ];
  switch (target.kind) {
    case "none":
      return [{ flow, fate: "continue" }];
    case "return":
    case "accept":
    case "drop":
    case "reject":
      return [{ flow, fate: target.kind }];
    case "reject-with":
      return [{ flow, fate: "reject" }];
    case "mark":
      return goOn({ mark: markAfter(target, state.mark) });
    case "masquerade":
      return [{ flow: { ...flow, masqueraded: true }, fate: "accept" }];
    case "snat":
      return [{ flow: { ...flow, masqueraded: true, from: target.ip }, fate: "accept" }];
    case "dnat":
      return send({ destination: target.ip, port: target.port }, endpoint);
    case "dnat-address":
      return send({ destination: target.ip });
    case "redirect":
      return send({ destination: ownAddress(place, state.destination), port: target.port ?? state.port });
    case "netmap":
      return place.hook === "POSTROUTING" || place.hook === "INPUT"
        ? [{ flow: { ...flow, masqueraded: true, from: counterpart(state.source, target.block) }, fate: "accept" }]
        : send({ destination: counterpart(state.destination, target.block) });
    case "to-proxy": {
      const [own = "127.0.0.1"] = place.node.localAddresses;
      return send({ destination: target.ip ?? own, port: 0, toProxy: servicePort }, flow.endpoint);
    }
    case "connmark-set":
      return goOn({ connmark: ((state.connmark & ~target.mask) ^ target.value) >>> 0 });
    case "connmark-save":
      return goOn({ connmark: copyBits(state.mark, target.packetMask, state.connmark, target.connectionMask) });
    case "connmark-restore":
      return goOn({ mark: copyBits(state.connmark, target.connectionMask, state.mark, target.packetMask) });
    case "notrack":
      return goOn({ ctState: "UNTRACKED" });
    case "jump":
    case "goto":
      return enter(place, flow, target);
    case "other":
      return applyOther(flow, target);
  }
}

/** Enters a chain. Whoever went there by `goto` leaves the present chain as well when that one ends. */
function enter(
  place: Place,
  flow: Flow,
  { kind, chain: name }: Extract<Target, { kind: "jump" | "goto" }>,
): readonly Effect[] {
  const chain = findChain(place.node.ruleSet, place.table, name);
  const after = kind === "jump" ? ("continue" as const) : ("return" as const);
  if (chain === undefined && isPartial(place)) {
    // Nobody knows what the chain does. That it lets the packet come back is one thing that it may do.
    const { yes, no } = forkOn([{ condition: { kind: "chain", table: place.table, chain: name }, is: true }]);
    return [
      { flow: { ...flow, assumptions: [...flow.assumptions, yes] }, fate: after },
      giveUp({ ...flow, assumptions: [...flow.assumptions, no] }, { kind: "chain", chain: name }),
    ];
  }
  if (chain === undefined || place.callers.includes(chain)) return [{ flow, fate: after }];
  return runChain({ ...place, callers: [...place.callers, chain] }, chain, flow, 0).map((end) =>
    end.fate === "return" ? { flow: end.flow, fate: after } : end,
  );
}

const isPartial = ({ node, table }: Place): boolean => node.ruleSet.partial?.has(table) ?? false;

/** A target of which little more than the name is known. */
function applyOther(flow: Flow, target: Extract<Target, { kind: "other" }>): readonly Effect[] {
  if (harmless.has(target.name)) return [{ flow, fate: "continue" }];
  if (target.name === "MASQUERADE") return [{ flow: { ...flow, masqueraded: true }, fate: "accept" }];
  return [giveUp(flow, { kind: "target", text: foreignTargetText(target) })];
}

/** Targets that change nothing about where a packet goes, and let it pass on to the next rule. */
const harmless: ReadonlySet<string> = new Set([
  ...["AUDIT", "CHECKSUM", "CLASSIFY", "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "IDLETIMER", "LED", "LOG", "NFLOG"],
  ...["RATEEST", "SECMARK", "SET", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG"],
]);

/** Whether it makes a difference to a packet that a rule matches it. */
export function matters(place: Place, target: Target, state: PacketState): boolean {
  switch (target.kind) {
    case "none":
      return false;
    case "mark":
      return markAfter(target, state.mark) !== state.mark;
    case "other":
      return !harmless.has(target.name);
    case "jump": {
      const chain = findChain(place.node.ruleSet, place.table, target.chain);
      return chain === undefined ? isPartial(place) : !isHarmless(chain);
    }
    default:
      return true;
  }
}

const knownHarmless = new WeakMap<Chain, boolean>();

/** Whether a chain does nothing but say something. */
function isHarmless(chain: Chain): boolean {
  const known = knownHarmless.get(chain);
  if (known !== undefined) return known;
  const isSo = chain.rules.every(
    ({ target }) =>
      target.kind === "none" || target.kind === "return" || (target.kind === "other" && harmless.has(target.name)),
  );
  knownHarmless.set(chain, isSo);
  return isSo;
}

const markAfter = ({ how, value, mask }: Extract<Target, { kind: "mark" }>, before: number): number => {
  const kept = before & ~mask;
  return (how === "or" ? kept | value : kept ^ value) >>> 0;
};

/** Copies the masked bits of one mark over those of another. */
const copyBits = (from: number, fromMask: number, to: number, toMask: number): number =>
  ((to & ~toMask) ^ (from & fromMask)) >>> 0;

/** Where REDIRECT leads: to localhost what the node itself sends, else to the address of the interface it came by. */
function ownAddress({ hook, node }: Place, destination: string): string {
  const family = familyOf(destination);
  const loopback = family === "IPv6" ? "::1" : "127.0.0.1";
  if (hook === "OUTPUT") return loopback;
  return [...node.localAddresses].find((address) => familyOf(address) === family) ?? loopback;
}

/** The address in a block at the place that another one has in its own. */
function counterpart(address: string, text: string): string {
  const block = parseCidr(text);
  if (block === undefined || block.family !== familyOf(address)) return address;
  const bits = BigInt((block.family === "IPv4" ? 32 : 128) - block.prefix);
  return addressAt(block, toNumber(address) & ((1n << bits) - 1n));
}

/** A target in the terms that all packet filters share. */
export function actionOf(target: Target, { destination, port }: PacketState, place: Place): Action {
  switch (target.kind) {
    case "goto":
      return { kind: "jump", chain: target.chain };
    case "reject-with":
      return { kind: "reject" };
    case "dnat-address":
      return { kind: "dnat", ip: target.ip, port };
    case "redirect":
      return { kind: "dnat", ip: ownAddress(place, destination), port: target.port ?? port };
    case "snat":
      return { kind: "masquerade" };
    case "netmap":
    case "connmark-set":
    case "connmark-save":
    case "connmark-restore":
    case "notrack":
      return { kind: "none" };
    case "other":
      return { kind: target.name === "MASQUERADE" ? "masquerade" : "none" };
    default:
      return target;
  }
}
