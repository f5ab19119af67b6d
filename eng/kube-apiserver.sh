#!/usr/bin/env bash
# A real kube-apiserver with its etcd, from Debian's packages: the server is built from the source package 'kubernetes' (1.20), which Debian ships kubectl from.
# Takes minutes and 3 GB of disk, once. What it makes is in artifacts/kubernetes; eng/upgrader.sh uses it.
#
#   eng/kube-apiserver.sh
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
made="$root/artifacts/kubernetes"
[[ ! -x $made/kube-apiserver || ! -x $made/etcd ]] || exit 0
mkdir -p "$made" "$made/build/lists/partial" "$made/build/cache/archives/partial"
cd "$made/build"

# Lists of its own: the machine's are left as they are, and nothing is installed.
for kind in deb deb-src; do
  echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main"
done >sources.list
apt=(-qq -o "Dir::Etc::sourcelist=$PWD/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=root)
echo "fetching ..." >&2
apt-get "${apt[@]}" update
apt-get "${apt[@]}" source --download-only kubernetes
apt-get "${apt[@]}" download etcd-server golang-1.19-go golang-1.19-src
for package in *.deb; do dpkg -x "$package" tools; done

export GOROOT="$PWD/tools/usr/lib/go-1.19" GOPATH="$PWD/go" GOCACHE="$PWD/go-cache" GO111MODULE=off CGO_ENABLED=0
export PATH="$GOROOT/bin:$PATH"
source="$GOPATH/src/k8s.io/kubernetes"
rm -rf "$source"
mkdir -p "$source"
tar xzf kubernetes_*.orig.tar.gz -C "$source" --strip-components=1
cd "$source"

echo "building ..." >&2
# The server does not start without a description of its API, which upstream's Makefile generates.
go build -o "$made/build/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
packages=$(grep -rl --include=*.go '+k8s:openapi-gen=' staging/src pkg | xargs -n1 dirname | sort -u | grep -Ev 'sample-apiserver|code-generator|_examples|testdata|/test/' |
  sed -e 's#^staging/src/#k8s.io/kubernetes/vendor/#' -e 's#^pkg/#k8s.io/kubernetes/pkg/#' | paste -sd, -)
"$made/build/openapi-gen" -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi -h hack/boilerplate/boilerplate.generatego.txt -r "$made/build/violations" --output-base "$GOPATH/src"
version=k8s.io/kubernetes/vendor/k8s.io/component-base/version
go build -ldflags "-s -w -X $version.gitVersion=v1.20.2 -X $version.gitMajor=1 -X $version.gitMinor=20" -o "$made/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
cp "$made/build/tools/usr/bin/etcd" "$made/etcd"
rm -rf "$made/build"
