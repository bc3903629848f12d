"""`python -m pedbasis.healthcheck [PORT]`: does the web process on this machine answer? For containers.

It asks as the proxy does: by the name of the site and as if by https; other names are refused and http is redirected.
"""

import http.client
import os
import sys


def main(port: int) -> int:
    """Return 0 when /healthz answers 200, else 1."""
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    headers = {"Host": name if name not in ("", "*") else "localhost", "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz", headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        status = 0
        sys.stderr.write(f"{error}\n")
    finally:
        connection.close()
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
