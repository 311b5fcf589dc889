"""A TCP server in front of a unix socket that can stop answering.

  black_hole.py SOCKET PORT_FILE HOLD_FILE

Listens on 127.0.0.1, writes its port to PORT_FILE, and passes bytes both ways. While HOLD_FILE
exists, a new connection is accepted and nothing of it is passed on until the file is gone; each
adds a line to HOLD_FILE.met. While HOLD_FILE.all exists, old connections fall silent too.
"""
import os
import socket
import sys
import threading
import time


def pump(source, target, silent):
    try:
        while data := source.recv(65536):
            while os.path.exists(silent):
                time.sleep(0.02)
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client, path, hold):
    if os.path.exists(hold):
        with open(hold + ".met", "a", encoding="ascii") as met:
            met.write("met\n")
    while os.path.exists(hold):
        time.sleep(0.02)
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    threading.Thread(target=pump, args=(client, server, hold + ".all"), daemon=True).start()
    pump(server, client, hold + ".all")


def main():
    path, port_file, hold = sys.argv[1:4]
    listener = socket.create_server(("127.0.0.1", 0))
    with open(port_file + ".new", "w", encoding="ascii") as out:
        out.write(str(listener.getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, path, hold), daemon=True).start()


main()
