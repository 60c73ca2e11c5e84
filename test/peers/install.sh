#!/usr/bin/env bash
#
# Installs the programs the peer tests run Waybill against: Debian's packages
# with apt-get, and the Go tools whose versions are pinned by the go.mod and
# go.sum files in the folders beside this script.
#
# The Go tools are built into a cache outside the repository,
#   ${WAYBILL_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/waybill-peers}/bin
# and a tool is built again only when its go.mod, its go.sum or the Go version
# has changed. The last line printed is that folder.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
cache=${WAYBILL_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/waybill-peers}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
readonly cache
readonly bin=$cache/bin
readonly stamps=$cache/stamps

# Command and the Debian package it comes in; the same word where one is given.
readonly debian_tools=(skopeo umoci docker-registry containerd ctr:containerd podman openssl
  softhsm2-util:softhsm2 pkcs11-tool:opensc)

readonly policy=/usr/sbin/policy-rc.d
made_policy=

say() { printf '%s\n' "$*"; }
die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

# retry COMMAND... runs a command that uses the network, at most three times.
retry() {
  local try
  for try in 1 2 3; do
    if "$@"; then
      return 0
    fi
    if ((try < 3)); then
      printf 'install.sh: try %d failed: %s\n' "$try" "$*" >&2
      sleep $((try * 3))
    fi
  done
  return 1
}

as_root() {
  if (($(id -u) == 0)); then
    "$@"
  else
    sudo -n "$@"
  fi
}

# While the packages are unpacked no service may start: docker-registry's would
# listen on port 5000 from then on.
forbid_services() {
  if [[ ! -e $policy ]]; then
    # shellcheck disable=SC2016 # the text is for the inner shell
    as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1" && chmod 755 "$1"' sh "$policy"
    made_policy=yes
  fi
}

allow_services() {
  if [[ -n $made_policy ]]; then
    as_root rm -f "$policy"
    made_policy=
  fi
}
trap allow_services EXIT

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >&2
}

missing_packages() {
  local tool
  for tool in "${debian_tools[@]}"; do
    command -v "${tool%%:*}" >/dev/null || say "${tool#*:}"
  done | sort -u
}

install_debian() {
  local -a missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    return
  fi
  command -v apt-get >/dev/null || die "cannot install ${missing[*]}: there is no apt-get here"
  if (($(id -u) != 0)) && ! sudo -n true 2>/dev/null; then
    die "cannot install ${missing[*]}: run this as root once"
  fi
  retry apt update || say "install.sh: apt-get update failed; going on with the old lists" >&2
  forbid_services
  retry apt install --no-install-recommends "${missing[@]}" || true
  allow_services
  if [[ " ${missing[*]} " == *" docker-registry "* && -d /run/systemd/system ]]; then
    as_root systemctl disable --now docker-registry.service >/dev/null 2>&1 || true
  fi
  hash -r
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} > 0)); then
    die "could not install: ${missing[*]}"
  fi
}

show_debian() {
  local tool name shown
  for tool in "${debian_tools[@]}"; do
    name=${tool%%:*}
    case $name in
      openssl) shown=$(openssl version) || die "$name does not run" ;;
      # It has no option for its version, and ends with an error where it shows its options.
      pkcs11-tool) shown=$(dpkg-query -W -f '${Version}' opensc 2>/dev/null || say installed) ;;
      *) shown=$("$name" --version 2>&1) || die "$name does not run" ;;
    esac
    shown=${shown%%$'\n'*}
    say "$name: ${shown#"$name" }"
  done
}

# The package named by the one "tool" line of go.mod.
tool_package() {
  sed -n 's/^tool //p' "$here/$1/go.mod"
}

# The version of the module the binary's main package came from, as Go wrote it
# into the binary: what a tool says of itself depends on flags of its release.
built_version() {
  local package=$1 file=$2
  go version -m "$file" | awk -v package="$package" '
    ($1 == "mod" || $1 == "dep") && index(package "/", $2 "/") == 1 { print $3; exit }'
}

runs() {
  "$1" version >/dev/null 2>&1 || "$1" --version >/dev/null 2>&1
}

go_build() {
  local dir=$1 out=$2 package=$3
  (cd "$dir" && timeout 900 go build -p 2 -mod=readonly -buildvcs=false -trimpath \
    -ldflags='-s -w' -o "$out" "$package")
}

build_tool() {
  local name=$1 package stamp version
  package=$(tool_package "$name")
  [[ -n $package ]] || die "$name: no tool line in test/peers/$name/go.mod"
  stamp=$({
    cat "$here/$name/go.mod" "$here/$name/go.sum"
    go env GOVERSION GOOS GOARCH
  } | sha256sum)
  stamp=${stamp%% *}
  if [[ ! -x $bin/$name || ! -f $stamps/$name || $(<"$stamps/$name") != "$stamp" ]]; then
    rm -f "$stamps/$name"
    retry go_build "$here/$name" "$bin/.$name.new" "$package" || die "could not build: $name"
    mv -f "$bin/.$name.new" "$bin/$name"
    runs "$bin/$name" || die "does not run: $name"
    say "$stamp" >"$stamps/$name"
  fi
  version=$(built_version "$package" "$bin/$name")
  say "$name: ${version:-unknown version}"
}

build_go() {
  local dir
  command -v go >/dev/null || die "cannot build the Go tools: there is no go here"
  # Nothing of the caller's Go set-up may change what is built.
  export GOTOOLCHAIN=local CGO_ENABLED=0 GOWORK=off GOFLAGS=
  mkdir -p "$bin" "$stamps"
  # Two runs at once would build everything twice: the second waits instead.
  exec 9>"$cache/lock"
  flock 9
  for dir in "$here"/*/go.mod; do
    build_tool "$(basename "$(dirname "$dir")")"
  done
  exec 9>&-
}

install_debian
show_debian
build_go
say "$bin"
