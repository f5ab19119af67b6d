#!/usr/bin/env bash
# Breaks a set-up in five classic ways, asks the doctor each time, and writes docs/operate/doctor-transcripts.md from what it says.
#
#   eng/doctor.sh           writes the page anew
#   eng/doctor.sh --check   compares: exit code 1 and the difference when the page is no longer true
set -euo pipefail

page=docs/operate/doctor-transcripts.md folder=doctor
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/transcript-tools.sh"

prose <<'TEXT'
# Five failures, and what the doctor says

Each set-up below was broken and examined by [`eng/doctor.sh`](../../eng/doctor.sh), which the tests run again; only times, serial numbers, fingerprints and ports are masked.
What is wrong comes first, with the next command to run; below it, what was looked at. [About the doctor](doctor.md).

## Nothing is wrong

A server with an account whose endpoint is STRICT, and a delegate's files and variables. On the delegate's machine the doctor needs no arguments.

TEXT
export GATEHOUSE__AGENT__LISTEN="0.0.0.0:$(free_port)" GATEHOUSE__OPERATOR__LISTEN=http://127.0.0.1:0
./gatehouse serve >server.log 2>&1 &
children+=($!)
eventually 30 '[[ -s gatehouse-data/server.json ]] && ./gatehouse account list'
unset GATEHOUSE__AGENT__LISTEN GATEHOUSE__OPERATOR__LISTEN
agent_port=$(jq -r .agentPort gatehouse-data/server.json)
operator_port=$(jq -r '.operatorUrl | split(":")[2]' gatehouse-data/server.json)
mkdir mtls roots
./gatehouse certs create-ca --out ca --key ec:p256 --subject "/O=Acme/CN=Acme Delegates CA" >/dev/null 2>&1
./gatehouse certs create-client --out mtls --ca ca/ca.crt --ca-key ca/ca.key --key ec:p256 --name delegate-1 >/dev/null 2>&1
./gatehouse account create acme >/dev/null
./gatehouse token create --account acme --name fleet >token
./gatehouse mtls enable --account acme --prefix customer1 --ca ca/ca.crt --mode STRICT >/dev/null
cp gatehouse-data/server-ca.crt roots/
run 'export MANAGER_HOST_AND_PORT=https://customer1.agent.localhost:8443 ACCOUNT_ID=acme DELEGATE_TOKEN=$(cat token) \
 DELEGATE_CLIENT_CERTIFICATE_PATH=mtls/client.crt DELEGATE_CLIENT_CERTIFICATE_KEY_PATH=mtls/client.key \
 DELEGATE_CA_BUNDLE_DIR=roots'
run './gatehouse doctor'

prose <<'TEXT'
## 1. A folder where the key should be

`docker run -v $PWD/clinet.key:/etc/mtls/client.key …`, with a slip in the name on the host: Docker makes a folder of it.

TEXT
mkdir -p broken/client.key
run './gatehouse doctor --key broken/client.key' 1

prose <<'TEXT'
## 2. Half a renewal

The certificate was replaced, the key was not.

TEXT
./gatehouse certs renew mtls/client.crt --ca ca/ca.crt --ca-key ca/ca.key --out renewed >/dev/null 2>&1
run './gatehouse doctor --cert renewed/client.crt' 1

prose <<'TEXT'
## 3. A certificate of another CA

Somebody ran `create-ca` twice, so there are two CAs of one name; the account has the first. The server's operator can have the account's own bundle asked, too (`--ask-server`).

TEXT
./gatehouse certs create-ca --out ca2 --key ec:p256 --subject "/O=Acme/CN=Acme Delegates CA" >/dev/null 2>&1
./gatehouse certs create-client --out second --ca ca2/ca.crt --ca-key ca2/ca.key --key ec:p256 >/dev/null 2>&1
run './gatehouse doctor --cert second/client.crt --key second/client.key --ask-server' 1

prose <<'TEXT'
## 4. A proxy that opens TLS

A middlebox on the way (here `openssl s_server` on the port `$BOX`) shows a certificate that it made itself. Its root is trusted on this machine, as such roots are.

TEXT
BOX=$(free_port)
extra_mask="s/:$BOX\\b/:\$BOX/g"
./gatehouse certs create-ca --out zscaler --key ec:p256 --subject "/O=Zscaler Inc./CN=Zscaler Intermediate Root CA" >/dev/null 2>&1
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout box.key -out box.csr -subj /CN=customer1.agent.localhost 2>/dev/null
openssl x509 -req -in box.csr -CA zscaler/ca.crt -CAkey zscaler/ca.key -days 30 -extfile <(echo subjectAltName=DNS:customer1.agent.localhost) -out box.crt 2>/dev/null
cp zscaler/ca.crt roots/zscaler.crt
openssl s_server -quiet -www -accept "127.0.0.1:$BOX" -cert box.crt -key box.key >/dev/null 2>&1 </dev/null &
children+=($!)
eventually 10 '(exec 3<>"/dev/tcp/127.0.0.1/$BOX")'
run './gatehouse doctor --connect 127.0.0.1:$BOX' 1
rm roots/zscaler.crt

prose <<'TEXT'
## 5. The server's root is missing

The gateway's certificate is of a private CA, and nobody gave the delegate its root.

TEXT
run 'DELEGATE_CA_BUNDLE_DIR=nowhere ./gatehouse doctor' 1

finish_page "$@"
