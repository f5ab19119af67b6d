#!/usr/bin/env bash
# Renders deploy/charts/gatehouse-delegate with every values file of its tests, by Helm. Run it when the chart or a values file has changed, and look at the difference:
# the tests read what it wrote, and say when it is not of today's chart.
#
#   eng/chart-render.sh            HELM=program: another Helm than the one in the PATH
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
helm=${HELM:-helm}
command -v "$helm" >/dev/null || { echo "chart-render: there is no '$helm' here. Install Helm 3, or say with HELM= where it is." >&2; exit 1; }

cd "$root"
chart=deploy/charts/gatehouse-delegate files=tests/Gatehouse.Manifests.Tests/Charts
for values in "$files"/*.values.yaml; do
  "$helm" template build-farm "$chart" --namespace delegates -f "$values" >"${values%.values.yaml}.rendered.yaml"
done
for values in "$files"/refused/*.values.yaml; do
  told=${values%.values.yaml}.told.txt
  if "$helm" template build-farm "$chart" --namespace delegates -f "$values" >/dev/null 2>"$told"; then
    echo "chart-render: $values was to be refused." >&2
    exit 1
  fi
done
find "$chart" "$files" -type f ! -name '*.cs' ! -name rendered.sha256 -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >"$files/rendered.sha256"
echo "rendered with $("$helm" version --short 2>/dev/null || echo "$helm")"
