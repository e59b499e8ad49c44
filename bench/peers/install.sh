#!/usr/bin/env bash
# Installs the tools that bench:peers loads beside, at the pinned versions, into bench/.peers and nowhere else:
#
#   bash bench/peers/install.sh [dlt] [sling] [ingestr] [target-postgres] [pgloader]      (all of them without a name)
#
# Python ones from the package registry, each in an environment of its own (PYTHON=python3 by default); pgloader from
# Debian's archive, unpacked. One that cannot be installed is said so, and the others go on.
set -u

here=$(cd "$(dirname "$0")" && pwd)
home=$here/../.peers
python=${PYTHON:-python3}
pgloader_package=pgloader=3.6.9-1

from_pypi() {
  "$python" -m venv "$home/$1" &&
    "$home/$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements/$1.txt"
}

install_dlt() { from_pypi dlt; }
install_ingestr() { from_pypi ingestr; }
install_target-postgres() { from_pypi target-postgres; }

# The package named sling fetches its program from elsewhere at its first use; this one has it inside.
install_sling() {
  from_pypi sling || return 1
  local program
  program=$(echo "$home"/sling/lib/python3*/site-packages/sling_linux_amd64/bin/sling-linux-amd64)
  chmod +x "$program" && ln -sf "$program" "$home/sling/bin/sling"
}

install_pgloader() {
  mkdir -p "$home/pgloader" || return 1
  (cd "$home/pgloader" && apt-get download "$pgloader_package" && dpkg -x pgloader_*.deb . && rm pgloader_*.deb)
}

mkdir -p "$home"
[ $# -gt 0 ] || set -- dlt sling ingestr target-postgres pgloader
failed=0
for name in "$@"; do
  if ! declare -F "install_$name" > /dev/null; then
    echo "$name: no such tool" >&2
    failed=1
    continue
  fi
  rm -rf "${home:?}/$name" "$home/$name.failed"
  if "install_$name" 2> "$home/$name.failed"; then
    rm "$home/$name.failed"
    echo "$name: installed"
  else
    rm -rf "${home:?}/$name"
    echo "$name: not installed: $(tail -n 1 "$home/$name.failed")"
    failed=1
  fi
done
exit $failed
