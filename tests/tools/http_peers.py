#!/usr/bin/env python3
"""Write down how two other parsers read the requests of a table.

usage: http_peers.py FILE

FILE holds JSON Lines: {"name", "send", "ours", "why"}.  Each request is
followed by a second one, as on a connection that stays open.  The answers of
httptools (llhttp) and h11 are put into each line: "200,200" when both requests
were read, "400x" where reading ended with an error, "wait" when the parser
wants more.  Needs the packages httptools and h11.
"""
import json
import sys

import h11
import httptools

END = b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class Reader:
    def __init__(self):
        self.seen = []
        self.open = False

    def on_message_begin(self):
        self.open = True

    def on_message_complete(self):
        self.open = False
        self.seen.append("200")


def with_httptools(data):
    reader = Reader()
    parser = httptools.HttpRequestParser(reader)
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        reader.seen.append("upgrade")
    except httptools.HttpParserError:
        reader.seen.append("400x")
    else:
        if reader.open:
            reader.seen.append("wait")
    return ",".join(reader.seen)


def with_h11(data):
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    seen = []
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                if connection.their_state is not h11.IDLE or \
                        connection.trailing_data[0]:
                    seen.append("wait")
                break
            if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                break
            if isinstance(event, h11.EndOfMessage):
                seen.append("200")
                if connection.their_state is h11.MUST_CLOSE:
                    break
                connection.send(h11.Response(
                    status_code=404, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE or \
                        connection.their_state is not h11.DONE:
                    break
                connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        seen.append("%dx" % error.error_status_hint)
    return ",".join(seen)


def main(path):
    lines = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            data = case["send"].encode("latin-1") + END
            lines.append(json.dumps({
                "name": case["name"], "send": case["send"],
                "ours": case["ours"], "httptools": with_httptools(data),
                "h11": with_h11(data), "why": case["why"],
            }))
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
