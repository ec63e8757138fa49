import type { IpvsScheduler } from "../../settings/profile.ts";

/**
 * How IPVS chooses a real server, by the names that `ipvsadm` and `ipvs.scheduler` have, and what the choice goes by.
 * `turns` and `load`: in the long run each of several servers of one weight gets an equal share. A hash `of-client`, its
 * address `and-port`, or the address asked for, `of-destination`, always gives the same server. `state`: connections that
 * are there already.
 * @see https://github.com/torvalds/linux/tree/master/net/netfilter/ipvs
 */
export const schedulers = {
  rr: "turns",
  wrr: "turns",
  lc: "load",
  wlc: "load",
  sh: "hash of-client",
  mh: "hash of-client and-port",
  dh: "hash of-destination",
  sed: "state",
  nq: "state",
  lblc: "state",
  lblcr: "state",
  fo: "state",
  ovf: "state",
} as const satisfies Readonly<Record<IpvsScheduler, SchedulerBasis>>;

/** What a scheduler goes by. */
export type SchedulerBasis =
  | "turns"
  | "load"
  | "hash of-client"
  | "hash of-client and-port"
  | "hash of-destination"
  | "state";
