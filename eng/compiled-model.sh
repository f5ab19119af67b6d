#!/usr/bin/env bash
# Writes the manager's compiled database model anew (src/Gatehouse.Manager/Storage/CompiledModel): after each change of ManagerDbContext.
# A test (CompiledModelTests) says when that was forgotten.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
. "$root/eng/sdk.sh"
require_sdk
version=$(sed -nE 's/.*"Microsoft.EntityFrameworkCore.Design" Version="([^"]+)".*/\1/p' "$root/Directory.Packages.props")
[ -x "$root/artifacts/tools/dotnet-ef" ] || "$dotnet" tool install dotnet-ef --tool-path "$root/artifacts/tools" --version "$version"
folder="$root/src/Gatehouse.Manager/Storage/CompiledModel"
rm -f "$folder"/*.cs
"$root/artifacts/tools/dotnet-ef" dbcontext optimize --project "$root/src/Gatehouse.Manager" --configuration Release \
  --output-dir Storage/CompiledModel --namespace Gatehouse.Manager.Storage.CompiledModel
# The attribute would make every provider use it; it is SQLite's, and ManagerRole asks for it.
rm "$folder/ManagerDbContextAssemblyAttributes.cs"
sed -i $'1s/^\xEF\xBB\xBF//; s/^    public partial class/    internal partial class/' "$folder"/*.cs
