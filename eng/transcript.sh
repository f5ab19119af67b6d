#!/usr/bin/env bash
# Runs first light for real, in a temporary folder on free ports, and writes docs/getting-started/first-light.md from what it sees.
#
#   eng/transcript.sh           writes the page anew
#   eng/transcript.sh --check   compares: exit code 1 and the difference when the page is no longer true
#
# Shown as it happens: commands, their output and exit codes. Masked, because it differs from run to run: times, serial numbers, fingerprints,
# ids, ports, the token's value, paths, how far back an expired certificate lies, and the order in which delegates are named. What is checked here and not shown fails the script.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
page="$root/docs/getting-started/first-light.md"
work=$(mktemp -d)
raw=$(mktemp) out=$(mktemp) made=$(mktemp)
children=()
agent_port=8443 operator_port=8080

finish() {
  local code=$? child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  if [[ $code != 0 && $code != 10 ]]; then
    echo "The transcript broke off. The last of it:" >&2
    tail -25 "$raw" "$work"/*.log >&2 2>/dev/null || true
  fi
  rm -rf "$work" "$raw" "$out" "$made"
  exit $((code == 10 ? 1 : code))
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the caller's set-up may show, and no proxy stands between.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(GATEHOUSE_|DELEGATE_|PROXY_)|_PROXY$|_proxy$|^(ACCOUNT_ID|MANAGER_HOST_AND_PORT|NEXT_GEN|INIT_SCRIPT)$' || true)
export LC_ALL=C TZ=UTC

# Text of the page, from standard input.
prose() { cat >>"$raw"; }

# run COMMAND [EXIT CODE]: shows the command, runs it in this shell with the ports really in use, shows what it prints. Another exit code than expected ends the script.
run() {
  local command=$1 expected=${2-0} code=0
  {
    echo '```console'
    sed -e '1s/^/$ /' -e '2,$s/^/> /' <<<"$command"
  } >>"$raw"
  command=${command//:8443/:$agent_port}
  command=${command//:8080/:$operator_port}
  eval "$command" >"$out" 2>&1 </dev/null || code=$?
  # Key generation draws dots.
  grep -Ev '^[.+*-]+$' "$out" >>"$raw" || true
  [[ $code == 0 ]] || echo "(exit code $code)" >>"$raw"
  printf '```\n\n' >>"$raw"
  if [[ $command == *'&' ]]; then children+=($!); fi
  if [[ $code != "$expected" ]]; then
    echo "Expected exit code $expected of: $command" >&2
    exit 1
  fi
}

# eventually SECONDS COMMAND: waits until it succeeds. Not shown.
eventually() {
  local until=$((SECONDS + $1))
  until eval "$2" >/dev/null 2>&1; do
    if ((SECONDS >= until)); then
      echo "Not within $1 s: $2" >&2
      exit 1
    fi
    sleep 0.1
  done
}

mask() {
  sed -E \
    -e "s/:$agent_port\b/:8443/g; s/:$operator_port\b/:8080/g" \
    -e "s#(/private)?$work#~/first-light#g" \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}( UTC|Z)/2026-01-31 12:00:00\1/g' \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)/2026-01-31T12:00:00Z/g' \
    -e 's/expired [0-9].* ago/expired long ago/' \
    -e 's/\(process [0-9]+\)/(process 4711)/' \
    -e 's/\b[0-9A-F]{64}\b/<64 hex digits>/g; s/\b[0-9A-F]{28,40}\b/<hex digits>/g' \
    -e 's/\b[0-9a-f]{32}\b/<32 hex digits>/g' \
    -e 's/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/<id>/g' \
    -e "s/('plain' lacks nobody); ('with-certificate' lacks nobody)/\\2; \\1/" \
    -e 's/[[:space:]]+$//' "$1"
}

# A free port of four digits, as wide as the one in the text, so that tables keep their columns.
free_port() {
  local port
  while port=$((9000 + RANDOM % 1000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

cd "$work"
ln -s "$root/gatehouse" gatehouse
# Built before the clock of any wait runs.
./gatehouse --version >/dev/null

prose <<'TEXT'
# First light

An account's delegate gets in through the account's own CA and does a job; then STRICT, and who is turned away. Every line below was run by
[`eng/transcript.sh`](../../eng/transcript.sh), which the tests run again; only times, serial numbers, fingerprints, ids, ports and the token's value are masked.
You need a clone, the .NET 10 SDK, OpenSSL, curl and jq. `./gatehouse` is the script in the clone's root.

## 1. The server

Gateway, manager and operator API in one process, on SQLite. It makes a development root for its own certificate and a first operator key.

TEXT
export GATEHOUSE__AGENT__LISTEN="0.0.0.0:$(free_port)" GATEHOUSE__OPERATOR__LISTEN=http://127.0.0.1:0
run './gatehouse serve > server.log 2>&1 &'
eventually 30 '[[ -s gatehouse-data/server.json ]] && ./gatehouse account list'
unset GATEHOUSE__AGENT__LISTEN GATEHOUSE__OPERATOR__LISTEN
agent_port=$(jq -r .agentPort gatehouse-data/server.json)
operator_port=$(jq -r '.operatorUrl | split(":")[2]' gatehouse-data/server.json)
run 'grep -v info: server.log'

prose <<'TEXT'
## 2. A CA and a client certificate

With OpenSSL's own command line, by the recipe of the public documentation. (`./gatehouse certs create-ca` and `create-client` do the same with better defaults.)
The account keeps `ca.key`; Gatehouse never sees it.

TEXT
run 'openssl req -x509 -sha256 -nodes -days 9999 -newkey rsa:2048 \
 -subj "/O=Example ORG/CN=CA Cert" -keyout "ca.key" -out "ca.crt"'
run 'cat << EOF > "client.cnf"
[req]
default_bits = 2048
prompt = no
default_md = sha256
x509_extensions = v3_req
distinguished_name = dn

[dn]
O = Example ORG
CN = Client

[v3_req]
# empty
EOF'
run 'openssl req -new -config "client.cnf" -nodes -out "client.csr" -keyout "client.key"'
run 'openssl x509 -req -sha256 -days 9999 -extfile client.cnf -extensions v3_req \
 -CAcreateserial -CA "ca.crt" -CAkey "ca.key" \
 -in "client.csr" -out "client.crt"'

prose <<'TEXT'
Gatehouse judges it as it will in the handshake; it is an X.509 v1 certificate without any extension:

TEXT
run './gatehouse certs verify --ca ca.crt --key client.key client.crt'

prose <<'TEXT'
## 3. The account and its mTLS endpoint

TEXT
run './gatehouse account create acme --name "Acme Corp."'
run './gatehouse token create --account acme --name fleet > token'
run 'cat token'
run './gatehouse mtls enable --account acme --prefix customer1 --ca ca.crt --mode LOOSE'

prose <<'TEXT'
The name answers at once, with and without the certificate; nothing was restarted or reloaded.

TEXT
run 'curl -sS --cacert gatehouse-data/server-ca.crt --cert client.crt --key client.key \
 https://customer1.agent.localhost:8443/api/account/acme/status'
run 'curl -sS --cacert gatehouse-data/server-ca.crt \
 https://customer1.agent.localhost:8443/api/account/acme/status'

prose <<'TEXT'
Handing over the key by mistake is caught before anything is sent:

TEXT
run 'cat ca.crt ca.key > both.pem; ./gatehouse mtls ca set --account acme --ca both.pem' 2

prose <<'TEXT'
## 4. Two delegates

One with the certificate, one without, through the same endpoint. They are set up by environment, as in the public documentation; the server's root is the only
extra they need here. (`DELEGATE_HOST_NAME` because both run on one machine, `DELEGATE_HEALTH_PORT=0` takes any free port.)

TEXT
run 'mkdir server-roots; cp gatehouse-data/server-ca.crt server-roots/
export ACCOUNT_ID=acme DELEGATE_TOKEN=$(cat token) DELEGATE_TYPE=DOCKER NEXT_GEN=true \
 MANAGER_HOST_AND_PORT=https://customer1.agent.localhost:8443 \
 DELEGATE_CA_BUNDLE_DIR=$PWD/server-roots DELEGATE_HEALTH_PORT=0'
run 'DELEGATE_NAME=with-certificate DELEGATE_HOST_NAME=host-1 DELEGATE_TAGS=linux \
 DELEGATE_CLIENT_CERTIFICATE_PATH=$PWD/client.crt \
 DELEGATE_CLIENT_CERTIFICATE_KEY_PATH=$PWD/client.key \
 ./gatehouse delegate run > with-certificate.log 2>&1 &'
eventually 30 './gatehouse delegates --account acme --output json | jq -e "map(select(.streamOpen and .mtls)) | length == 1"'
run 'DELEGATE_NAME=plain DELEGATE_HOST_NAME=host-2 DELEGATE_TAGS=linux \
 ./gatehouse delegate run > plain.log 2>&1 &'
eventually 30 './gatehouse delegates --account acme --output json | jq -e "map(select(.streamOpen)) | length == 2"'
run './gatehouse delegates --account acme'

prose <<'TEXT'
## 5. A task

On any delegate that the selectors fit; what the script prints appears as it prints it, and its exit code is the command's.

TEXT
run "./gatehouse task run --account acme --selector with-certificate -- 'echo hello; uname -s; exit 3'" 3
run "./gatehouse task run --account acme --selector plain --env WHO=you --timeout 1m -- 'echo hello \$WHO'"
run "./gatehouse task run --account acme --selector nobody --timeout 5s -- true" 1

prose <<'TEXT'
## 6. STRICT

First: would it block anyone?

TEXT
run './gatehouse mtls readiness --account acme' 1

prose <<'TEXT'
It would, and here we do it all the same. Within a second the delegate without a certificate is out on every way in, its open connections included, and both ends say why.

TEXT
run './gatehouse mtls mode --account acme STRICT'
eventually 10 'grep client_certificate_required plain.log'
run 'sleep 1; ./gatehouse delegates --account acme'
run 'grep -o -m1 client_certificate_required plain.log'

prose <<'TEXT'
The other one has not lost a request.

TEXT
run "./gatehouse task run --account acme -- 'echo still here'"

prose <<'TEXT'
## 7. Who is turned away

Each gets the code in the header and in the body, with the next step. Without a certificate, on the endpoint and on the shared host:

TEXT
run 'curl -sS -D - --cacert gatehouse-data/server-ca.crt \
 https://customer1.agent.localhost:8443/api/account/acme/status | grep -v -i "^date:"'
run 'curl -sS --cacert gatehouse-data/server-ca.crt \
 "https://gatehouse.localhost:8443/api/agent/delegates/configuration?accountId=acme" | jq -r .code,.message'

prose <<'TEXT'
With a certificate of another CA, and then with one that is good for another account of this server:

TEXT
run 'mkdir other
./gatehouse certs create-ca --out other --subject "/O=Somebody Else/CN=Other CA" > /dev/null 2>&1
./gatehouse certs create-client --out other --ca other/ca.crt --ca-key other/ca.key > /dev/null 2>&1
curl -sS --cacert gatehouse-data/server-ca.crt --cert other/client.crt --key other/client.key \
 https://customer1.agent.localhost:8443/api/account/acme/status | jq -r .code,.message'
run './gatehouse account create umbrella
./gatehouse mtls enable --account umbrella --prefix customer2 --ca other/ca.crt > /dev/null
curl -sS --cacert gatehouse-data/server-ca.crt --cert other/client.crt --key other/client.key \
 https://customer2.agent.localhost:8443/api/account/umbrella/status | jq -r .resource
curl -sS --cacert gatehouse-data/server-ca.crt --cert other/client.crt --key other/client.key \
 https://customer1.agent.localhost:8443/api/account/acme/status | jq -r .code'

prose <<'TEXT'
Through its own endpoint it gets no further than its own account:

TEXT
run 'curl -sS --cacert gatehouse-data/server-ca.crt --cert other/client.crt --key other/client.key \
 "https://customer2.agent.localhost:8443/api/agent/delegates/configuration?accountId=acme" | jq -r .code,.message'

prose <<'TEXT'
With an expired one of the right CA:

TEXT
run 'cat << EOF > "expired.cnf"
[ca]
default_ca = any
[any]
database = index.txt
new_certs_dir = .
rand_serial = yes
policy = anything
[anything]
organizationName = optional
commonName = optional
EOF
touch index.txt
openssl ca -batch -notext -config expired.cnf -cert ca.crt -keyfile ca.key -md sha256 \
 -startdate 20240101000000Z -enddate 20240201000000Z -in client.csr -out expired.crt 2> /dev/null
curl -sS --cacert gatehouse-data/server-ca.crt --cert expired.crt --key client.key \
 https://customer1.agent.localhost:8443/api/account/acme/status | jq -r .code,.message'

prose <<'TEXT'
The operator sees all of them, newest first, each with the certificate that was shown:

TEXT
run './gatehouse refusals --account acme --output json | jq -r ".[].code" | sort -u'
run './gatehouse refusals --account acme --limit 1'

prose <<'TEXT'
Who changed what is in a log that shows tampering:

TEXT
run './gatehouse audit verify | head -1'

mask "$raw" | cat -s >"$made"
# A page ends with one line end.
sed -i -e '${/^$/d}' "$made"

if [[ "${1-}" == --check ]]; then
  if ! diff -u "$page" "$made"; then
    echo "docs/getting-started/first-light.md is no longer what happens. Read the difference; if it is meant, run eng/transcript.sh and commit the page." >&2
    exit 10
  fi
else
  cp "$made" "$page"
fi
