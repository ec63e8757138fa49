import { describe } from "node:test";
import { tryRandomIptables } from "./random-iptables.ts";

describe("connections through random rules: iptables-legacy", () => tryRandomIptables("iptables-legacy"));
