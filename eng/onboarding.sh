#!/usr/bin/env bash
# Does everything that the public documentation's page on mutual TLS asks for by commands, and writes docs/getting-started/onboarding.md from what it sees.
#
#   eng/onboarding.sh           writes the page anew
#   eng/onboarding.sh --check   compares: exit code 1 and the difference when the page is no longer true
set -euo pipefail

page=docs/getting-started/onboarding.md folder=onboarding
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/transcript-tools.sh"

# Stands in for Docker: runs our delegate with the variables of the command, and the mounted folders where the command has them.
docker() {
  local pair roots variables=() argument
  while (($# > 1)); do
    argument=$1
    shift
    case $argument in
      --mount)
        argument=${1#type=bind,source=}
        [[ $1 == *,target=/etc/mtls,readonly ]] && pair=${argument%%,*}
        [[ $1 == *,target=/opt/harness-delegate/ca-bundle,readonly ]] && roots=${argument%%,*}
        shift
        ;;
      -e)
        [[ $1 != *=* ]] || variables+=("${1//\/etc\/mtls/$pair}")
        shift
        ;;
    esac
  done
  env "${variables[@]}" DELEGATE_CA_BUNDLE_DIR="$roots" DELEGATE_HEALTH_PORT=0 DELEGATE_HOST_NAME=host-1 ./gatehouse delegate run >docker.log 2>&1 &
  children+=($!)
}

prose <<'TEXT'
# Onboarding an account

Everything that the public documentation's page on mutual TLS asks of an account's owner, done by commands: from no certificate to STRICT. Every line below was run by
[`eng/onboarding.sh`](../../eng/onboarding.sh), which the tests run again; only times, serial numbers, fingerprints, ids, ports and the token's value are masked.

| the public page's step | here |
| --- | --- |
| make a CA with OpenSSL | `gatehouse certs create-ca` ([1](#1-a-ca-and-a-client-certificate)); OpenSSL's does as well |
| write `client.cnf`, make a key and a request, sign it | `gatehouse certs create-client` |
| give the CA's certificate and the wanted subdomain to Support, who enable mTLS | `gatehouse mtls enable` ([2](#2-the-endpoint)) |
| the image's tag must be `yy.mm.xxxxx` | `gatehouse manifest check`, and every other command refuses the others ([3](#3-a-delegate-in-kubernetes)) |
| `kubectl create secret` | printed, or `--with-secret` |
| Deployment: three addresses, two variables, `volumeMounts`, `volumes` | `gatehouse manifest enable-mtls`, in one go ([3](#3-a-delegate-in-kubernetes)) |
| ConfigMap: `managerHost`, two keys | the same command |
| CronJob: `volumeMounts`, `volumes` | the same command |
| what the CronJob runs: the upgrader | `gatehouse upgrader run` ([the upgrader](../operate/upgrader.md)); the sample has the Role that it needs |
| or the flag `CI_OVERRIDE_SERVICE_URLS` in place of two of the addresses | `gatehouse flag set`, `--override-service-urls` |
| Docker: fill the placeholders of a command | `gatehouse docker command` ([4](#4-a-delegate-in-docker)) |
| Helm (later revisions): `mTLS.secretName`, `managerEndpoint` | `gatehouse helm values` ([5](#5-a-delegate-by-helm)) |
| not on the page: a chart that sets all of it, takes no token as a value, and has the upgrader with as few rights as it needs | [`deploy/charts/gatehouse-delegate`](../reference/manifest.md#gatehouses-chart), `gatehouse helm values --chart gatehouse-delegate` ([5](#5-a-delegate-by-helm)) |
| LOOSE, STRICT | `gatehouse mtls readiness`, then `gatehouse mtls mode` ([6](#6-strict)) |
| not on the page: is it right before it is applied? back again? | `--verify`, `--diff`, `gatehouse manifest check`; `gatehouse manifest disable-mtls` |

TEXT
export GATEHOUSE__AGENT__LISTEN="0.0.0.0:$(free_port)" GATEHOUSE__OPERATOR__LISTEN=http://127.0.0.1:0
./gatehouse serve >server.log 2>&1 &
children+=($!)
eventually 30 '[[ -s gatehouse-data/server.json ]] && ./gatehouse account list'
unset GATEHOUSE__AGENT__LISTEN GATEHOUSE__OPERATOR__LISTEN
agent_port=$(jq -r .agentPort gatehouse-data/server.json)
operator_port=$(jq -r '.operatorUrl | split(":")[2]' gatehouse-data/server.json)
sed "s/:8443/:$agent_port/" "$root/samples/kubernetes/delegate.yaml" >delegate.yaml
mkdir server-roots
cp gatehouse-data/server-ca.crt server-roots/

prose <<'TEXT'
A server is running (`./gatehouse serve`), and `delegate.yaml` is a copy of [`samples/kubernetes/delegate.yaml`](../../samples/kubernetes/delegate.yaml).

## 1. A CA and a client certificate

The CA's key stays with the account. The pair gets a folder of its own: that is what delegates are given.

TEXT
run './gatehouse certs create-ca --out ca --subject "/O=Example ORG/CN=CA Cert" > /dev/null 2>&1
./gatehouse certs create-client --out pair --ca ca/ca.crt --ca-key ca/ca.key --name build-farm > /dev/null 2>&1
ls ca pair'

prose <<'TEXT'
## 2. The endpoint

TEXT
run './gatehouse account create acme
./gatehouse token create --account acme --name fleet > token
./gatehouse mtls enable --account acme --prefix customer1 --ca ca/ca.crt --mode LOOSE > /dev/null'

prose <<'TEXT'
## 3. A delegate in Kubernetes

What is there to do?

TEXT
run './gatehouse manifest check delegate.yaml' 1

prose <<'TEXT'
The tokens are filled in by hand (or by what fills in your secrets); the rest by one command. `--verify` first asks the server whether its CA would let this pair in:

TEXT
run 'sed -i "s/PUT_YOUR_DELEGATE_TOKEN/$(cat token)/" delegate.yaml
cp delegate.yaml before.yaml
./gatehouse manifest enable-mtls delegate.yaml --endpoint https://customer1.agent.localhost:8443 \
 --verify --account acme --cert pair/client.crt --key pair/client.key --diff'

prose <<'TEXT'
The last line is the page's first step, to be run where the pods will. A pair that would be refused changes nothing:

TEXT
run './gatehouse certs create-ca --out other > /dev/null 2>&1
./gatehouse certs create-client --out other --ca other/ca.crt --ca-key other/ca.key > /dev/null 2>&1
./gatehouse manifest enable-mtls delegate.yaml --endpoint https://customer1.agent.localhost:8443 \
 --verify --account acme --cert other/client.crt --key other/client.key --in-place' 1

prose <<'TEXT'
Written, checked, done again (which changes nothing), and taken back (which leaves no trace):

TEXT
run './gatehouse manifest enable-mtls delegate.yaml --endpoint https://customer1.agent.localhost:8443 --in-place'
run './gatehouse manifest check delegate.yaml --endpoint https://customer1.agent.localhost:8443'
run './gatehouse manifest enable-mtls delegate.yaml --endpoint https://customer1.agent.localhost:8443 --in-place'
run './gatehouse manifest disable-mtls delegate.yaml | cmp - before.yaml'

prose <<'TEXT'
Done by hand as the page says, the mode of the Secret's files is a decimal number. The check says so, and `enable-mtls` puts it right:

TEXT
run 'sed "0,/defaultMode: .*/s//defaultMode: 400/" delegate.yaml > by-hand.yaml
./gatehouse manifest check by-hand.yaml' 1

prose <<'TEXT'
A legacy image is refused:

TEXT
run 'sed "s/:26.02.88404/:latest/" before.yaml > legacy.yaml
./gatehouse manifest enable-mtls legacy.yaml --endpoint https://customer1.agent.localhost:8443' 1

prose <<'TEXT'
## 4. A delegate in Docker

The token is read by the shell that runs the command, and is in no argument that others on the machine can see.

TEXT
run './gatehouse docker command --endpoint https://customer1.agent.localhost:8443 --account acme --certs pair --token-file token \
 --image harness/delegate:26.02.88404 --name docker-delegate --tags linux --server-ca-dir server-roots | tee start.sh'
. ./start.sh
eventually 30 './gatehouse delegates --account acme --output json | jq -e "map(select(.streamOpen and .mtls)) | length == 1"'

prose <<'TEXT'
`. start.sh` starts it. (There is no Docker where this page is made: something in its place has started Gatehouse's own delegate with these variables and folders.) It is in:

TEXT
run "./gatehouse task run --account acme --selector linux -- 'echo hello from \$DELEGATE_NAME'"
run './gatehouse mtls readiness --account acme'

prose <<'TEXT'
## 5. A delegate by Helm

What is not given becomes a placeholder, and is named:

TEXT
run './gatehouse helm values --endpoint https://customer1.agent.localhost:8443 --account acme --image harness/delegate:26.02.88404 --namespace delegates'

prose <<'TEXT'
That was for the public chart. Gatehouse's own sets the rest by itself, and has tokens in Secrets only; its upgrader is told which images of one's own it may set:

TEXT
run "./gatehouse helm values --chart gatehouse-delegate --endpoint https://customer1.agent.localhost:8443 --account acme --name build-farm --namespace delegates \\
 --image registry.example.io/gatehouse/delegate:1.0 --allow-image 'registry.example.io/gatehouse/delegate:*' --token-secret delegate-token \\
 --upgrader-token-secret upgrader-token --upgrader-image registry.example.io/gatehouse/upgrader:1.0 > values.yaml
cat values.yaml"

prose <<'TEXT'
`helm install build-farm deploy/charts/gatehouse-delegate --namespace delegates -f values.yaml` would be next; there is no cluster where this page is made.

## 6. STRICT

Nobody would be shut out, so:

TEXT
run './gatehouse mtls mode --account acme STRICT'
run "./gatehouse task run --account acme -- 'echo still here'"

finish_page "$@"
