"""Runs the stand-in: `python -m standin [--port 0] [--scale 1] [--seed 0] [--start EPOCH] [--account ID]`.

The first line on stdout says where it listens. It ends when its stdin does, so a test that dies leaves none behind.
"""

import argparse
import os
import sys

from .clock import Clock


def main() -> None:
    parser = argparse.ArgumentParser(prog="standin", description="A strict stand-in for AWS, on the loopback address.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--scale", type=float, default=1.0, help="seconds of this world per real second")
    parser.add_argument("--seed", type=int, default=0, help="of all dice")
    parser.add_argument("--start", type=float, default=None, help="seconds since 1970 when this world begins")
    parser.add_argument("--account", default="111122223333", help="the account that all credentials belong to")
    args = parser.parse_args()
    # moto reads these when its modules are loaded, so they come before anything of it does.
    os.environ["MOTO_ACCOUNT_ID"] = args.account
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    clock = Clock(args.scale, args.start)
    clock.install()
    from .server import serve
    from .world import World

    server = serve(World(clock, args.account, args.seed), args.port)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.buffer.read()
    # At once: there is nothing to tidy up, and threads that answer a call don't hold it up.
    os._exit(0)


if __name__ == "__main__":
    main()
