"""A name server for one test: every name below `.test` is 127.0.0.1, all others do not exist.

    names.py ADDRESS

Answers A over UDP and TCP on port 53, says `ready` when it does, and ends when its input does.
"""

import socket
import struct
import sys
import threading

HEADER = struct.Struct(">HHHHHH")


def answer(query: bytes, *, truncated: bool) -> bytes:
    number, _, _, _, _, _ = HEADER.unpack_from(query)
    labels, at = [], HEADER.size
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    kind = struct.unpack_from(">H", query, at + 1)[0]
    question = query[HEADER.size : at + 5]
    is_ours = bool(labels) and labels[-1] == b"test"
    # Names that begin with `large` are asked for again over TCP.
    if truncated and labels[0].startswith(b"large"):
        return HEADER.pack(number, 0x8380, 1, 0, 0, 0) + question
    if not (is_ours and kind == 1):
        return HEADER.pack(number, 0x8180 if is_ours else 0x8183, 1, 0, 0, 0) + question
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1")
    return HEADER.pack(number, 0x8180, 1, 1, 0, 0) + question + record


def serve_udp(udp: socket.socket) -> None:
    while True:
        query, client = udp.recvfrom(4096)
        udp.sendto(answer(query, truncated=True), client)


def serve_tcp(tcp: socket.socket) -> None:
    while True:
        client, _ = tcp.accept()
        with client, client.makefile("rb") as stream:
            while length := stream.read(2):
                reply = answer(stream.read(struct.unpack(">H", length)[0]), truncated=False)
                client.sendall(struct.pack(">H", len(reply)) + reply)


address = (sys.argv[1], 53)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(address)
tcp = socket.create_server(address)
for serve, sock in ((serve_udp, udp), (serve_tcp, tcp)):
    threading.Thread(target=serve, args=(sock,), daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
