import { describe } from "node:test";
import { tryRandomIptables } from "./random-iptables.ts";

describe("connections through random rules: iptables-nft", () => tryRandomIptables("iptables-nft"));
