import { hostPort } from "../../base/ip.ts";
import type { Protocol } from "../kube-proxy/proxy-input.ts";
import { type PrintedLine, textLine } from "../netfilter/printed-line.ts";
import type { IpvsState, RealServer, VirtualServer } from "./ipvs-state.ts";

/** What `ipvsadm -Ln` prints of the virtual servers of one family. No connections are counted. */
export function printIpvsadm({ virtualServers }: Pick<IpvsState, "virtualServers">): readonly PrintedLine[] {
  return [
    textLine("IP Virtual Server version 1.2.1 (size=4096)"),
    textLine("Prot LocalAddress:Port Scheduler Flags"),
    textLine("  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn"),
    ...virtualServers.flatMap((server) => [
      textLine(serverText(server), server.because),
      ...server.realServers.map((real) => textLine(realServerText(real), real.endpoint.because ?? server.because)),
    ]),
  ];
}

/** The name of a virtual server: `TCP 10.96.0.1:443`. */
export const serverName = ({ address, portNumber, port }: VirtualServer): string =>
  `${port.protocol} ${hostPort(address, portNumber)}`;

/** The line of a virtual server: `TCP  10.96.0.1:443 rr persistent 10800`. */
export function serverText({ address, portNumber, scheduler, persistentSeconds, port }: VirtualServer): string {
  const words = [`${port.protocol.padEnd(4)} ${hostPort(address, portNumber)}`, scheduler];
  // kube-proxy lets this scheduler look at the client's port, too.
  if (scheduler === "mh") words.push("(mh-port)");
  if (persistentSeconds !== undefined) words.push(`persistent ${persistentSeconds}`);
  return words.join(" ");
}

/** What a trace shows of a real server: its line without the counters. */
export const realServerName = ({ endpoint, weight }: RealServer): string =>
  `-> ${hostPort(endpoint.ip, endpoint.port)} Masq ${weight}`;

/** The line of a real server. */
export function realServerText({ endpoint, weight }: RealServer): string {
  const columns = [hostPort(endpoint.ip, endpoint.port).padEnd(28), "Masq".padEnd(7), String(weight).padEnd(6)];
  return `  -> ${[...columns, "0".padEnd(10), "0".padEnd(10)].join(" ")}`;
}

/** What `ipvsadm -Sn` prints, and `ipvsadm --restore` reads. */
export const printIpvsadmSaved = ({ virtualServers }: Pick<IpvsState, "virtualServers">): readonly PrintedLine[] =>
  virtualServers.flatMap((server) => {
    const { address, portNumber, scheduler, persistentSeconds, port, because } = server;
    const name = `${serviceOptions[port.protocol]} ${hostPort(address, portNumber)}`;
    const persistent = persistentSeconds === undefined ? "" : ` -p ${persistentSeconds}`;
    const flags = scheduler === "mh" ? " -b mh-port" : "";
    return [
      textLine(`-A ${name} -s ${scheduler}${persistent}${flags}`, because),
      ...server.realServers.map(({ endpoint, weight }) =>
        textLine(`-a ${name} -r ${hostPort(endpoint.ip, endpoint.port)} -m -w ${weight}`, endpoint.because ?? because),
      ),
    ];
  });

const serviceOptions = { TCP: "-t", UDP: "-u", SCTP: "--sctp-service" } as const satisfies Record<Protocol, string>;
