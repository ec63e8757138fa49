import readline from "node:readline";
import type { Answer, Observation, Order } from "./agent-protocol.ts";
import { connectTcp, listenTcp } from "./agent-tcp.ts";
import { askUdp, listenUdp } from "./agent-udp.ts";

/**
 * A process inside one network namespace. It takes orders as lines of JSON on standard input: to listen, or to
 * connect and tell what it saw. It ends when its input ends, so it cannot outlive the tests.
 */
const orders = readline.createInterface({ input: process.stdin });
orders.on("line", async (line) => {
  const { id, order } = JSON.parse(line) as { readonly id: number; readonly order: Order };
  const answer = await obey(order).catch((error: unknown): Answer => ({ failure: String(error) }));
  process.stdout.write(`${JSON.stringify({ id, answer })}\n`);
});
orders.on("close", () => process.exit());

async function obey(order: Order): Promise<Answer> {
  const isUdp = order.protocol === "UDP";
  if (order.do === "listen") {
    await (isUdp ? listenUdp : listenTcp)(order.ip, order.port);
    return { observations: [] };
  }
  const observations: Observation[] = [];
  while (observations.length < order.count) {
    const width = Math.min(order.parallel, order.count - observations.length);
    const calls = Array.from({ length: width }, () => (isUdp ? askUdp : connectTcp)(order, freshPort()));
    observations.push(...(await Promise.all(calls)));
  }
  return { observations };
}

/**
 * The port of the next connection. A connection leaves a trace in the node's tables, and a later one with the same
 * ports would be treated as the same; the node has forgotten it when its port comes round again.
 */
function freshPort(): number {
  nextPort = nextPort === LAST_PORT ? FIRST_PORT : nextPort + 1;
  return nextPort;
}

/** Nobody listens on these. */
const FIRST_PORT = 33_000;
const LAST_PORT = 65_535;
let nextPort = FIRST_PORT;
