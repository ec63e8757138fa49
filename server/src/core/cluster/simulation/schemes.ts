import type { ProtocolToken } from "../netfilter/packet.ts";

/** What the scheme of a URL says of the connection. */
interface Scheme {
  /** `undefined` where programs have none of their own. */
  readonly port: number | undefined;
  readonly protocol: ProtocolToken;
}

const tcp = (port?: number): Scheme => ({ port, protocol: "tcp" });

/** The ports that programs use where a URL names none, by scheme in lower case. */
export const schemes: ReadonlyMap<string, Scheme> = new Map([
  ["http", tcp(80)],
  ["https", tcp(443)],
  ["ws", tcp(80)],
  ["wss", tcp(443)],
  ["grpc", tcp()],
  ["grpcs", tcp(443)],
  ["tcp", tcp()],
  ["udp", { port: undefined, protocol: "udp" }],
  ["sctp", { port: undefined, protocol: "sctp" }],
  ["amqp", tcp(5672)],
  ["amqps", tcp(5671)],
  ["dns", { port: 53, protocol: "udp" }],
  ["ftp", tcp(21)],
  ["kafka", tcp(9092)],
  ["ldap", tcp(389)],
  ["ldaps", tcp(636)],
  ["mongodb", tcp(27017)],
  ["mqtt", tcp(1883)],
  ["mqtts", tcp(8883)],
  ["mysql", tcp(3306)],
  ["nats", tcp(4222)],
  ["postgres", tcp(5432)],
  ["postgresql", tcp(5432)],
  ["redis", tcp(6379)],
  ["rediss", tcp(6379)],
  ["smtp", tcp(25)],
  ["ssh", tcp(22)],
]);
