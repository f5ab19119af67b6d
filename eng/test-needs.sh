# Sourced by ./test: what the tests need besides the .NET SDK, in one place, and its installation on a Debian machine.

# "command package", one a line.
test_needs() {
  cat <<'NEEDS'
curl curl
openssl openssl
jq jq
ps procps
flock util-linux
nginx nginx
haproxy haproxy
redis-server redis-server
chromium chromium
node nodejs
npm npm
kubectl kubernetes-client
patch patch
docker-compose docker-compose
java default-jre-headless
NEEDS
}

# What npm has, pinned in eng/npm: an S3-compatible server. Nothing of it runs at installation.
install_npm_needs() {
  local folder="$root/artifacts/npm"
  if [[ ! -d "$folder/node_modules/s3rver" ]] || ! cmp -s "$root/eng/npm/package-lock.json" "$folder/package-lock.json"; then
    echo "installing s3rver ..." >&2
    mkdir -p "$folder"
    cp "$root/eng/npm/package.json" "$root/eng/npm/package-lock.json" "$folder/"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) || { rm -f "$folder/package-lock.json"; return 1; }
  fi
}

install_test_needs() {
  local missing=() command package as_root=()
  # Servers are where only root's path leads.
  local PATH="$PATH:/usr/sbin:/sbin"
  while read -r command package; do
    command -v "$command" >/dev/null || missing+=("$package")
  done < <(test_needs)
  # A library, which has no command: PyYAML reads manifests as a witness.
  /usr/bin/python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
  # NuGet needs the system's roots, which a minimal image may lack.
  [[ -e /etc/ssl/certs/ca-certificates.crt || ! -e /etc/debian_version ]] || missing+=(ca-certificates)
  [[ ${#missing[@]} -gt 0 ]] || return 0

  if ! command -v apt-get >/dev/null; then
    echo "The tests need these programs, which are missing here: ${missing[*]}. Install them and run ./test again." >&2
    exit 1
  fi
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo >/dev/null; then
      echo "The tests need these packages: ${missing[*]}. Install them as root (apt-get install ${missing[*]}) and run ./test again." >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "installing ${missing[*]} ..." >&2
  # RUNLEVEL: without starting the system's own servers; the tests run their own. The list of packages is refreshed only when the installation does not work without.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null; }
}
