#!/usr/bin/env bash
# Runs first light for real, in a temporary folder on free ports, and writes docs/getting-started/first-light.md from what it sees.
#
#   eng/transcript.sh           writes the page anew
#   eng/transcript.sh --check   compares: exit code 1 and the difference when the page is no longer true
#
# Shown as it happens: commands, their output and exit codes. Masked, because it differs from run to run: times, serial numbers, fingerprints,
# ids, ports, the token's value, paths, how far back an expired certificate lies, and the order in which delegates are named. What is checked here and not shown fails the script.
set -euo pipefail

page=docs/getting-started/first-light.md folder=first-light
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/transcript-tools.sh"

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

finish_page "$@"
