#!/usr/bin/env bash
# The server as it is installed on a machine that has the ASP.NET Core runtime 10 and no SDK: compiled ahead of time for this kind of processor
# (ReadyToRun), so that it starts with a third less work. Start it with: dotnet DIRECTORY/Gatehouse.Server.dll serve
#
# With 'upgrader', that program as native code: one file that needs no runtime, only OpenSSL's libraries. It is linked by gcc or clang, which must be installed.
#
#   eng/publish.sh DIRECTORY [upgrader]
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
. "$root/eng/sdk.sh"

case "${1-}" in
  -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
  "" | -*) echo "publish: name the directory: eng/publish.sh DIRECTORY" >&2; exit 2 ;;
esac
case "${2-}" in
  "") project=Gatehouse.Server options=(--self-contained false -p:PublishReadyToRun=true) ;;
  upgrader) project=Gatehouse.Upgrader options=(-p:PublishAot=true -p:StripSymbols=true -p:DebugType=none -p:PublishDocumentationFiles=false) ;;
  *) echo "publish: '$2' is not published by this; the server is, without a word, and 'upgrader'." >&2; exit 2 ;;
esac
[ $# -le 2 ] || { echo "publish: '$3' is one word too many." >&2; exit 2; }
mkdir -p "$1"
directory=$(cd "$1" && pwd)

case "$(uname -m)" in
  x86_64) runtime=linux-x64 ;;
  aarch64) runtime=linux-arm64 ;;
  *) echo "publish: $(uname -m) is not known here; x86_64 and aarch64 are." >&2; exit 1 ;;
esac

require_sdk
# Output of its own: a build for one processor and the ordinary one do not share theirs. The lock files are the ordinary
# build's; the versions are those of Directory.Packages.props all the same.
if ! built=$("$dotnet" publish "$root/src/$project" -c Release -r "$runtime" "${options[@]}" \
    -p:RestorePackagesWithLockFile=false -p:NuGetLockFilePath="$root/artifacts/publish/none.lock.json" --artifacts-path "$root/artifacts/publish" -o "$directory" -v q --nologo --disable-build-servers 2>&1); then
  echo "$built" >&2
  echo "publish: $project does not build." >&2
  exit 1
fi
