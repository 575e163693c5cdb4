#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What a real IMAP server does not do on demand.
#
#   imap_faults.py cut PORT TARGET BYTES   hands on to 127.0.0.1:TARGET; the first connection is cut after BYTES of the server's
#   imap_faults.py killer PORT             answers EXAMINE with what crashes libetpan's parser
import socket
import sys
import threading


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen(50)
    return listener


def pump(source, sink, left):
    while left != 0:
        try:
            data = source.recv(16384 if left < 0 else min(left, 16384))
            sink.sendall(data)
        except OSError:
            break
        if not data:
            break
        left -= len(data) if left > 0 else 0
    for s in source, sink:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def cut(port, target, count):
    listener, left = listen(port), int(count)
    while True:
        client = listener.accept()[0]
        server = socket.create_connection(("127.0.0.1", int(target)))
        threading.Thread(target=pump, args=(client, server, -1), daemon=True).start()
        threading.Thread(target=pump, args=(server, client, left), daemon=True).start()
        left = -1


def kill_parser(client):
    client.sendall(b"* OK ready\r\n")
    for line in client.makefile("rb"):
        tag, word = line.split()[:2]
        if word.upper() == b"CAPABILITY":
            client.sendall(b"* CAPABILITY IMAP4rev1 IDLE\r\n")
        if word.upper() == b"EXAMINE":
            client.sendall(b"* OK [PERMANENTFLAGS ((\r\n")
        client.sendall(tag + b" OK done\r\n")


def killer(port):
    listener = listen(port)
    while True:
        threading.Thread(target=kill_parser, args=(listener.accept()[0],), daemon=True).start()


{"cut": cut, "killer": killer}[sys.argv[1]](*sys.argv[2:])
