#!/bin/sh
# Compiles the policies again: build.sh OPA [FOLDER]. The files that are checked in were made by the version that
# test/peers/opa pins; an interop test compares what fresh ones answer.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
opa=$1
out=${2:-$here}
rules=$(sed -n 's/^\([a-z_]*\) \(:=\|if\) .*/\1/p' "$here/answers.rego" | sort -u | grep -v '^span$\|^forbidden$')
entrypoints=$(for rule in $rules; do printf ' -e answers/%s' "$rule"; done)
cd "$here"
# shellcheck disable=SC2086 # one word each
"$opa" build -t wasm -O 0 $entrypoints answers.rego data/data.json -o "$out/answers.tar.gz"
"$opa" build -t wasm -e waybill/allow -e waybill/verdict example.rego -o "$out/example.tar.gz"
tar -xzOf "$out/example.tar.gz" /policy.wasm >"$out/example.wasm"
rm "$out/example.tar.gz"
