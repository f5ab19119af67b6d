#!/usr/bin/env bash
# Lets the upgrader loose on a real kube-apiserver, and writes docs/operate/upgrader-transcript.md from what it sees. Needs eng/kube-apiserver.sh first.
#
#   eng/upgrader.sh           writes the page anew
#   eng/upgrader.sh --check   compares: exit code 1 and the difference when the page is no longer true
set -euo pipefail

page=docs/operate/upgrader-transcript.md folder=upgrader
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/transcript-tools.sh"

programs="$root/artifacts/kubernetes"
if [[ ! -x $programs/kube-apiserver || ! -x $programs/etcd ]]; then
  echo "There is no kube-apiserver in $programs. Run eng/kube-apiserver.sh first." >&2
  exit 1
fi

cluster_port=$(free_port)
extra_mask="s/SERVICE_PORT=$cluster_port\\b/SERVICE_PORT=443/"
etcd_port=$(free_port)
"$programs/etcd" --data-dir etcd --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls http://127.0.0.1:0 >etcd.log 2>&1 &
children+=($!)
openssl genrsa -out service-accounts.key 2048 2>/dev/null
echo "the-administrators,admin,1,system:masters" >tokens.csv
"$programs/kube-apiserver" --etcd-servers="http://127.0.0.1:$etcd_port" --bind-address=127.0.0.1 --secure-port="$cluster_port" --insecure-port=0 --cert-dir=cluster \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=service-accounts.key --service-account-signing-key-file=service-accounts.key \
  --api-audiences=https://kubernetes.default.svc --authorization-mode=RBAC --token-auth-file=tokens.csv --service-cluster-ip-range=10.96.0.0/16 \
  --disable-admission-plugins=ServiceAccount >kube-apiserver.log 2>&1 &
children+=($!)
export HOME=$work
kubectl() { command kubectl --server "https://127.0.0.1:$cluster_port" --token the-administrators --certificate-authority cluster/apiserver.crt "$@" 2> >(grep -v 'is deprecated in' >&2); }
eventually 60 'kubectl get --raw /readyz'

prose <<'TEXT'
# The upgrader and a real cluster's API

Everything below was run by [`eng/upgrader.sh`](../../eng/upgrader.sh) against kube-apiserver 1.20.2 with etcd, RBAC and tokens of service accounts, built by
[`eng/kube-apiserver.sh`](../../eng/kube-apiserver.sh) from Debian's source package (the newest that could be had; `./test` has no kube-apiserver and uses a stand-in). There are no nodes: a
Deployment changes, and no pod starts. The pod that the CronJob would start is this shell: it has the pod's variables, and the files of the service account in `pod/`. Only times, ports and ids are
masked. [About the upgrader](upgrader.md).

## Set up

A server that offers images, an account that is STRICT, and the sample with mutual TLS. Kubernetes 1.20 has CronJobs in `batch/v1beta1` only.

TEXT
export GATEHOUSE__AGENT__LISTEN="0.0.0.0:$(free_port)" GATEHOUSE__OPERATOR__LISTEN=http://127.0.0.1:0
export GATEHOUSE__UPGRADES__DELEGATEIMAGE=harness/delegate:26.03.88900 GATEHOUSE__UPGRADES__UPGRADERIMAGE=harness/upgrader:1.7.0
./gatehouse serve >server.log 2>&1 &
children+=($!)
eventually 30 '[[ -s gatehouse-data/server.json ]] && ./gatehouse account list'
agent_port=$(jq -r .agentPort gatehouse-data/server.json)
operator_port=$(jq -r '.operatorUrl | split(":")[2]' gatehouse-data/server.json)
mkdir roots pod
cp gatehouse-data/server-ca.crt roots/
./gatehouse certs create-ca --out ca >/dev/null 2>&1
./gatehouse certs create-client --out pair --ca ca/ca.crt --ca-key ca/ca.key >/dev/null 2>&1
./gatehouse account create acme >/dev/null
./gatehouse token create --account acme --name fleet >token
./gatehouse mtls enable --account acme --prefix customer1 --ca ca/ca.crt --mode STRICT >/dev/null
sed -e "s/:8443/:$agent_port/" -e "s/PUT_YOUR_DELEGATE_TOKEN/$(cat token)/" -e 's#batch/v1$#batch/v1beta1#' "$root/samples/kubernetes/delegate.yaml" >delegate.yaml
kubectl create namespace delegates >/dev/null
eventually 20 'kubectl get namespace delegates'
run './gatehouse manifest enable-mtls delegate.yaml --endpoint https://customer1.agent.localhost:8443 --in-place > /dev/null
kubectl apply -f delegate.yaml'
run 'kubectl get configmap -n delegates build-farm-upgrader-config -o "jsonpath={.data.config\.yaml}" | sed "s#/etc/mtls#pair#" | tee config.yaml
kubectl create token -n delegates build-farm-upgrader > pod/token
echo delegates > pod/namespace
cp cluster/apiserver.crt pod/ca.crt
export UPGRADER_TOKEN=$(cat token) UPGRADER_CA_BUNDLE_DIR=roots HOSTNAME=build-farm-upgrader-29412360-x7k2p \
 KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT='"$cluster_port"

prose <<'TEXT'
## What would it do?

The cluster checks permissions, validity and admission, and keeps nothing.

TEXT
run './gatehouse upgrader run --config config.yaml --service-account pod --dry-run
kubectl get deployments,cronjobs -n delegates -o "custom-columns=KIND:.kind,IMAGE:.spec..containers[*].image"'

prose <<'TEXT'
## Upgrade

`kubectl` sees one changed line, and the cluster notes who made it.

TEXT
run 'as_written() { kubectl get deployment -n delegates build-farm -o json | jq -S "del(.metadata.managedFields, .metadata.resourceVersion, .metadata.generation)"; }
as_written > before.json
./gatehouse upgrader run --config config.yaml --service-account pod
diff before.json <(as_written) || true
kubectl get deployment -n delegates build-farm -o json --show-managed-fields | jq -r ".metadata.managedFields[].manager"'
run './gatehouse upgrader run --config config.yaml --service-account pod --output json'

prose <<'TEXT'
## Somebody else at the same moment

The patch tests the container's name and image where the change is made. Here it is made by hand, after somebody has set another image:

TEXT
run 'kubectl set image -n delegates deployment/build-farm delegate=harness/delegate:26.02.88500
kubectl patch deployment -n delegates build-farm --type json -p "[{\"op\":\"test\",\"path\":\"/spec/template/spec/containers/0/image\",\"value\":\"harness/delegate:26.02.88404\"},{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\",\"value\":\"harness/delegate:26.03.88900\"}]"' 1

prose <<'TEXT'
## What can be wrong

A Role without `patch`:

TEXT
run 'kubectl patch role -n delegates build-farm-upgrader --type json -p "[{\"op\":\"replace\",\"path\":\"/rules/0/verbs\",\"value\":[\"get\"]}]"
./gatehouse upgrader run --config config.yaml --service-account pod' 1
kubectl patch role -n delegates build-farm-upgrader --type json -p '[{"op":"replace","path":"/rules/0/verbs","value":["get","patch"]}]' >/dev/null

prose <<'TEXT'
A Deployment that is not there, and one that the Role does not name:

TEXT
run 'sed "s/workloadName: .*/workloadName: test-farm/" config.yaml > other.yaml
./gatehouse upgrader run --config other.yaml --service-account pod' 1

prose <<'TEXT'
A service account's token that is none:

TEXT
run 'mkdir stranger; cp pod/* stranger/; echo stranger > stranger/token
./gatehouse upgrader run --config config.yaml --service-account stranger' 1

prose <<'TEXT'
No client certificate, and the account is STRICT:

TEXT
run 'grep -v clientCertificate config.yaml > plain.yaml
./gatehouse upgrader run --config plain.yaml --service-account pod' 1

prose <<'TEXT'
A configuration with slips:

TEXT
run 'sed -e "s/accountId: .*/accountId: <account>/" -e "s/dryRun/dry-run/" -e "s/^clientCertificateKey.*//" config.yaml > wrong.yaml
./gatehouse upgrader run --config wrong.yaml --service-account pod' 2

finish_page "$@"
