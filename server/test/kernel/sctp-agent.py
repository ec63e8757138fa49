"""
A process inside one network namespace that speaks as much SCTP as it takes to knock at a port and to answer: INIT,
INIT ACK and ABORT, over raw sockets, so that it needs no SCTP in the kernel. It takes the orders of agent-protocol.ts.
"""

import asyncio
import errno
import itertools
import json
import os
import socket
import struct
import sys

INIT, INIT_ACK, ABORT = 1, 2, 6
IP_PKTINFO, IP_RECVERR, IPV6_RECVERR = 8, 11, 25


def crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


CRC = list(crc32c_table())


def packet(source_port, port, tag, chunk):
    """One chunk behind the common header with its checksum."""
    head = struct.pack("!HHI", source_port, port, tag)
    crc = 0xFFFFFFFF
    for byte in head + bytes(4) + chunk:
        crc = CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return head + struct.pack("<I", crc ^ 0xFFFFFFFF) + chunk


def init(kind, tag, cookie=b""):
    """INIT, or INIT ACK with a cookie."""
    parameter = struct.pack("!HH", 7, 4 + len(cookie)) + cookie + bytes(-len(cookie) % 4) if cookie else b""
    return struct.pack("!BBHIIHHI", kind, 0, 20 + (4 + len(cookie) if cookie else 0), tag, 65536, 1, 1, tag) + parameter


class Host:
    """Everything that speaks SCTP in this namespace, in one address family."""

    def __init__(self, family):
        self.family = family
        self.level = socket.IPPROTO_IP if family == socket.AF_INET else socket.IPPROTO_IPV6
        self.raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_SCTP)
        self.raw.setblocking(False)
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        if family == socket.AF_INET:
            self.raw.setsockopt(self.level, IP_RECVERR, 1)
        else:
            self.raw.setsockopt(self.level, IPV6_RECVERR, 1)
            self.raw.setsockopt(self.level, socket.IPV6_RECVPKTINFO, 1)
        self.listening = set()
        self.waiting = {}
        self.ports = itertools.cycle(range(33000, 65536))
        asyncio.get_running_loop().add_reader(self.raw, self.read)

    def send(self, data, to, source=None):
        own = socket.inet_pton(self.family, source) if source else None
        if own is None:
            extra = []
        elif self.family == socket.AF_INET:
            extra = [(self.level, IP_PKTINFO, struct.pack("=I4s4s", 0, own, bytes(4)))]
        else:
            extra = [(self.level, socket.IPV6_PKTINFO, struct.pack("=16sI", own, 0))]
        # The first attempt may only fetch what an earlier packet has run into. What the node's own rules stop is not
        # permitted; if they reject it, that is told besides.
        for attempt in (1, 2):
            try:
                self.raw.sendmsg([data], extra, 0, (to, 0))
                return
            except PermissionError:
                return
            except OSError:
                if attempt == 2:
                    raise

    async def connect(self, order):
        port = next(self.ports)
        answer = asyncio.get_running_loop().create_future()
        self.waiting[port] = answer
        knock = packet(port, order["port"], 0, init(INIT, port))
        patience = order["patience"] / 1000
        try:
            while True:
                self.send(knock, order["ip"], order.get("from"))
                done, _ = await asyncio.wait([answer], timeout=min(1, patience))
                patience -= 1
                if done:
                    return answer.result()
                if patience <= 0:
                    return {"kind": "silent"}
        except OSError as error:
            return {"kind": "failed", "code": error.strerror}
        finally:
            del self.waiting[port]

    def read(self):
        while self.read_error() or self.read_packet():
            pass

    def read_error(self):
        try:
            data, extra, _, _ = self.raw.recvmsg(2048, 512, socket.MSG_ERRQUEUE)
        except OSError:
            return False
        number = next(struct.unpack_from("=I", value)[0] for _, kind, value in extra if kind in (IP_RECVERR, IPV6_RECVERR))
        refused = number == errno.ECONNREFUSED
        self.tell(data, {"kind": "refused"} if refused else {"kind": "failed", "code": os.strerror(number)})
        return True

    def read_packet(self):
        try:
            data, extra, _, peer = self.raw.recvmsg(2048, 512)
        except BlockingIOError:
            return False
        except OSError:
            return True
        if self.family == socket.AF_INET:
            own = socket.inet_ntoa(data[16:20])
            data = data[(data[0] & 15) * 4 :]
        else:
            own = next(socket.inet_ntop(self.family, value[:16]) for _, kind, value in extra if kind == socket.IPV6_PKTINFO)
        source_port, port, _, _, kind, _, _, tag = struct.unpack_from("!HHIIBBHI", data.ljust(20, b"\0"))
        if kind == INIT:
            cookie = f"{own} {port} {peer[0]}".encode()
            reply = init(INIT_ACK, tag, cookie) if (own, port) in self.listening else struct.pack("!BBH", ABORT, 0, 4)
            self.send(packet(port, source_port, tag, reply), peer[0], own)
        elif kind == INIT_ACK:
            size = struct.unpack_from("!H", data, 34)[0]
            by, number, sees = data[36 : 32 + size].decode().split()
            self.tell(data[2:4], {"kind": "reached", "by": by, "port": int(number), "sees": sees})
        elif kind == ABORT:
            self.tell(data[2:4], {"kind": "refused"})
        return True

    def tell(self, data, observation):
        """To whoever knocked from the port that the data begins with."""
        answer = self.waiting.get(struct.unpack_from("!H", data)[0])
        if answer and not answer.done():
            answer.set_result(observation)


async def obey(hosts, order):
    host = hosts[":" in order["ip"]]
    if order["do"] == "listen":
        host.listening.add((order["ip"], order["port"]))
        return []
    seen = []
    while len(seen) < order["count"]:
        width = min(order["parallel"], order["count"] - len(seen))
        seen += await asyncio.gather(*(host.connect(order) for _ in range(width)))
    return seen


async def main():
    hosts = [Host(socket.AF_INET), Host(socket.AF_INET6)]
    lines = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)

    async def serve(line):
        question = json.loads(line)
        try:
            answer = {"observations": await obey(hosts, question["order"])}
        except Exception as error:
            answer = {"failure": repr(error)}
        sys.stdout.write(json.dumps({"id": question["id"], "answer": answer}) + "\n")
        sys.stdout.flush()

    serving = set()
    while line := await lines.readline():
        task = asyncio.create_task(serve(line))
        serving.add(task)
        task.add_done_callback(serving.discard)


asyncio.run(main())
