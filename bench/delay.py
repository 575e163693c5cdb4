# SPDX-License-Identifier: AGPL-3.0-or-later
#
#     delay.py PORT TO SECONDS      a line to the port TO on which each byte is on its way for so long, in either direction
import asyncio
import socket
import sys

port, to, delay = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


async def carry(reader, writer):
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        loop.call_later(delay, writer.write, data)
    loop.call_later(delay, writer.close)


async def connected(reader, writer):
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to)
    for each in (writer, far_writer):
        each.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer), return_exceptions=True)


async def main():
    async with await asyncio.start_server(connected, "127.0.0.1", port) as server:
        await server.serve_forever()


asyncio.run(main())
