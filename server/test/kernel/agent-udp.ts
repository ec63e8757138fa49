import dgram from "node:dgram";
import { type Call, greeting, type Observation, readGreeting } from "./agent-protocol.ts";

/** Answers each datagram with the address that it reached and the address that it seems to come from. */
export function listenUdp(ip: string, port: number): Promise<void> {
  const socket = dgram.createSocket(typeFor(ip));
  socket.on("message", (_, client) => socket.send(greeting(ip, port, client.address), client.port, client.address));
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, ip, resolve);
  });
}

/** Sends a datagram, again as long as nobody answers, and waits for an answer or for word that there is nobody. */
export function askUdp({ ip, port, from, patience }: Call, localPort: number): Promise<Observation> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(typeFor(ip));
    const tell = (observation: Observation): void => {
      clearTimeout(timer);
      clearInterval(again);
      socket.close();
      resolve(observation);
    };
    const timer = setTimeout(() => tell({ kind: "silent" }), patience);
    const ask = (): void => socket.send("");
    const again = setInterval(ask, 1000);
    socket.on("message", (text) => tell(readGreeting(text.toString())));
    socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
      // What the node's own rules stop is not permitted; if they reject it, that is told besides.
      if (code !== "EPERM") tell(code === "ECONNREFUSED" ? { kind: "refused" } : { kind: "failed", code });
    });
    socket.bind(localPort, from, () => socket.connect(port, ip, ask));
  });
}

const typeFor = (ip: string): "udp4" | "udp6" => (ip.includes(":") ? "udp6" : "udp4");
