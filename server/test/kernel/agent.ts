import net from "node:net";
import readline from "node:readline";
import type { Answer, Observation, Order } from "./agent-protocol.ts";

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
  if (order.do === "listen") {
    await listen(order.ip, order.port);
    return { observations: [] };
  }
  const observations: Observation[] = [];
  while (observations.length < order.count) {
    const width = Math.min(order.parallel, order.count - observations.length);
    observations.push(...(await Promise.all(Array.from({ length: width }, () => connect(order)))));
  }
  return { observations };
}

/** Answers each client with the address that it reached and the address that it seems to have. */
function listen(ip: string, port: number): Promise<void> {
  const server = net.createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(`${socket.localAddress}:${socket.localPort} ${socket.remoteAddress}`);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, ip, resolve);
  });
}

/**
 * The port of the next connection. Each is used once: a connection that was never answered leaves a trace in the
 * node's tables, and a later one with the same ports would be treated as the same.
 */
let nextPort = 10_000;

function connect({ ip, port, patience }: Extract<Order, { do: "connect" }>): Promise<Observation> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: ip, port, localPort: nextPort++ });
    const tell = (observation: Observation): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(observation);
    };
    const timer = setTimeout(() => tell({ kind: "silent" }), patience);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => {
      const [by = "", sees = ""] = text.split(" ");
      tell({ kind: "reached", by, sees });
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      tell(error.code === "ECONNREFUSED" ? { kind: "refused" } : { kind: "failed", code: String(error.code) }),
    );
  });
}
