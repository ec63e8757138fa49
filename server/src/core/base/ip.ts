import ipaddr from "ipaddr.js";

export type Family = "IPv4" | "IPv6";

/** A block of addresses in canonical form, such as `10.96.0.0/12`. */
export interface Cidr {
  readonly family: Family;
  /** The network address as a number. */
  readonly network: bigint;
  /** Prefix length in bits. */
  readonly prefix: number;
}

/**
 * An address in canonical text (RFC 5952 for IPv6), or `undefined` if the text is no address.
 * Dotted quads only: `10.1` and leading zeros are refused, as the API server refuses them.
 */
export function parseIP(text: string): string | undefined {
  // The library throws and catches where a text is no address, which takes its time.
  if (DOTTED_QUAD.test(text)) return text;
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).toRFC5952String();
}

/** Four numbers up to 255 without leading zeros. */
const DOTTED_QUAD = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The family of an address that {@link parseIP} accepted. */
export const familyOf = (ip: string): Family => (ip.includes(":") ? "IPv6" : "IPv4");

/** `10.96.0.0/12` read as a block; host bits are cleared. `undefined` if the text is no block. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const ip = slash < 0 ? undefined : parseIP(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (ip === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const family = familyOf(ip);
  const prefix = Number(length);
  if (prefix > bits(family)) return undefined;
  const hostBits = BigInt(bits(family) - prefix);
  return { family, network: (toNumber(ip) >> hostBits) << hostBits, prefix };
}

/** The canonical text of a block. */
export const formatCidr = (cidr: Cidr): string => `${fromNumber(cidr.family, cidr.network)}/${cidr.prefix}`;

/** Whether an address that {@link parseIP} accepted lies in a block. */
export function contains(cidr: Cidr, ip: string): boolean {
  if (familyOf(ip) !== cidr.family) return false;
  const hostBits = BigInt(bits(cidr.family) - cidr.prefix);
  return toNumber(ip) >> hostBits === cidr.network >> hostBits;
}

/** How many addresses a block holds. */
export const sizeOf = (cidr: Cidr): bigint => 1n << BigInt(bits(cidr.family) - cidr.prefix);

/** The address at a place in a block, counted from its network address. */
export const addressAt = (cidr: Cidr, index: bigint): string => fromNumber(cidr.family, cidr.network + index);

/** `10.0.0.1:80` or `[fd00::1]:80`, as kube-proxy and URLs write it. */
export const hostPort = (ip: string, port: number): string => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

const bits = (family: Family): number => (family === "IPv4" ? 32 : 128);

/** An address that {@link parseIP} accepted, as a number. */
export function toNumber(ip: string): bigint {
  if (!ip.includes(":")) return BigInt(ip.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0));
  return ipaddr
    .parse(ip)
    .toByteArray()
    .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function fromNumber(family: Family, number: bigint): string {
  if (family === "IPv4") {
    const quad = Number(number);
    return [24, 16, 8, 0].map((shift) => (quad >>> shift) & 255).join(".");
  }
  const bytes = Array.from({ length: bits(family) / 8 }, (_, index) => Number((number >> BigInt(8 * index)) & 0xffn));
  const address = ipaddr.fromByteArray(bytes.reverse());
  return address.kind() === "ipv6" ? (address as ipaddr.IPv6).toRFC5952String() : address.toString();
}
