import net from "node:net";
import { type Call, greeting, type Observation, readGreeting } from "./agent-protocol.ts";

/** Answers each client with the address that it reached and the address that it seems to have. */
export function listenTcp(ip: string, port: number): Promise<void> {
  const server = net.createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(greeting(socket.localAddress ?? "", socket.localPort ?? 0, socket.remoteAddress ?? ""));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, ip, resolve);
  });
}

/** Opens a connection and listens to what the other side says. */
export function connectTcp({ ip, port, from, patience }: Call, localPort: number): Promise<Observation> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: ip, port, localPort, ...(from !== undefined && { localAddress: from }) });
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
    socket.on("end", () => tell(readGreeting(text)));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      tell(error.code === "ECONNREFUSED" ? { kind: "refused" } : { kind: "failed", code: String(error.code) }),
    );
  });
}
