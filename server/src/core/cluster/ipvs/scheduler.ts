/**
 * How IPVS chooses a real server, by the names that `ipvsadm` and `ipvs.scheduler` have, and what the choice goes by.
 * `turns` and `load`: in the long run each of several servers of one weight gets an equal share. `hash`: the same client,
 * or with `dh` the same address asked for, always gets the same server. `state`: by connections that are there already.
 * @see https://github.com/torvalds/linux/tree/master/net/netfilter/ipvs
 */
export const schedulers = {
  rr: "turns",
  wrr: "turns",
  lc: "load",
  wlc: "load",
  sh: "hash",
  mh: "hash",
  dh: "hash",
  sed: "state",
  nq: "state",
  lblc: "state",
  lblcr: "state",
  fo: "state",
  ovf: "state",
} as const satisfies Readonly<Record<string, SchedulerBasis>>;

export type SchedulerBasis = "turns" | "load" | "hash" | "state";

export type Scheduler = keyof typeof schedulers;
