# SPDX-License-Identifier: Apache-2.0
"""A proxy that takes CONNECT and one that speaks SOCKS5; both lead to the port given, whatever name is asked for."""
import socket
import struct
import threading


def pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


class Proxy:
    """`seen` lists what was asked for."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.seen = []
        self.heads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            threading.Thread(target=self.guard, args=(connection,), daemon=True).start()

    def guard(self, connection):
        try:
            self.serve(connection)
        except OSError:
            connection.close()

    def join(self, connection):
        upstream = socket.create_connection(("127.0.0.1", self.target_port), 20)
        threading.Thread(target=pump, args=(connection, upstream), daemon=True).start()
        pump(upstream, connection)

    def close(self):
        self.listener.close()


class ConnectProxy(Proxy):
    def serve(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(4096)
            if not more:
                return
            head += more
        text = head.split(b"\r\n\r\n")[0].decode()
        self.heads.append(text)
        self.seen.append(" ".join(text.split(" ")[:2]))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.join(connection)


class SocksProxy(Proxy):
    """With a password it wants one; `seen` holds "TYPE HOST:PORT", where TYPE is domain or address."""

    def serve(self, connection):
        _, count = read_exactly(connection, 2)
        methods = read_exactly(connection, count)
        if b"\x02" in methods:
            connection.sendall(b"\x05\x02")
            read_exactly(connection, 1)
            user = read_exactly(connection, read_exactly(connection, 1)[0])
            password = read_exactly(connection, read_exactly(connection, 1)[0])
            self.heads.append("%s %s" % (user.decode(), password.decode()))
            connection.sendall(b"\x01\x00")
        else:
            connection.sendall(b"\x05\x00")
        kind = read_exactly(connection, 4)[3]
        if kind == 3:
            host = read_exactly(connection, read_exactly(connection, 1)[0]).decode()
        else:
            host = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6,
                                    read_exactly(connection, 4 if kind == 1 else 16))
        port, = struct.unpack(">H", read_exactly(connection, 2))
        self.seen.append("%s %s:%d" % ("domain" if kind == 3 else "address", host, port))
        connection.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        self.join(connection)
