#!/bin/sh
# Install the dependencies of a make target in .venv: setup-venv.sh serve [ENGINE] | test | train
#
# PYTHON       preferred interpreter (default: python3)
# TORCH_INDEX  package index with CPU builds of PyTorch (default: none, torch comes from pip's index)
#
# An installed requirements file is copied to .venv/installed; the next run skips it if both are equal.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"

export PIP_USER=0  # pip's --user option does not work in a virtual environment
log=.venv/setup.log

say() { printf '==> %s\n' "$*"; }

die() {
    printf 'setup-venv.sh: %s\n' "$*" >&2
    exit 1
}

fail() {
    tail -n 25 "$log" >&2
    die "$@"
}

quietly() { "$@" >"$log" 2>&1 </dev/null 9<&-; }

main() {
    engines='requirements-torch.txt requirements-onnxruntime.txt'
    case ${1-} in
    serve) layers="requirements.txt $(engine "${2-}")" ;;
    test) layers="requirements.txt $engines requirements-test.txt" ;;
    train) layers="requirements.txt $engines requirements-train.txt" ;;
    *) die 'usage: setup-venv.sh serve [ENGINE] | test | train' ;;
    esac
    one_at_a_time
    venv_works || make_venv
    for layer in $layers; do
        cmp -s "$layer" ".venv/installed/$layer" || install "$layer"
    done
}

# An unknown engine is reported by the server, not here.
engine() {
    case $1 in
    onnxruntime) echo requirements-onnxruntime.txt ;;
    *) echo requirements-torch.txt ;;
    esac
}

one_at_a_time() {
    command -v flock >/dev/null || return 0
    exec 9<setup-venv.sh
    flock -n 9 || {
        say 'waiting for another setup to finish'
        flock 9
    }
}

# A virtual environment breaks if its folder is moved or its interpreter removed.
venv_works() {
    [ "$(cat .venv/installed/path 2>/dev/null)" = "$(pwd -P)" ] && .venv/bin/python -c 'import pip' 2>/dev/null
}

make_venv() {
    python=$(find_python)
    rm -rf .venv
    mkdir .venv
    "$python" -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null || install_venv_module
    say "creating .venv with $("$python" --version)"
    quietly "$python" -m venv .venv || fail "$python could not create a virtual environment in $PWD/.venv"
    mkdir .venv/installed
    pwd -P >.venv/installed/path
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3.11 python3.12 python3.13; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    die "Python 3.11, 3.12 or 3.13 is required, but ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || echo missing):" \
        "install one ('sudo apt-get install python3') or set its path ('make PYTHON=/path/to/python3.11 ...')"
}

install_venv_module() {
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        die "$python has no venv module: run 'sudo apt-get install $package', then try again"
    fi
    say "installing $package"
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get install -y --no-install-recommends "$package" && return
    quietly apt-get update || fail "could not update the package lists to install $package: check the network"
    quietly apt-get install -y --no-install-recommends "$package" || fail "could not install $package"
}

install() {
    rm -f ".venv/installed/$1"
    say "installing $1"
    sed '/^torch/d' "$1" >.venv/without-torch.txt
    pip_install -r .venv/without-torch.txt
    pins=$(sed -n '/^torch/p' "$1")
    for pin in $pins; do
        is_installed "${pin%==*}" "${pin#*==}" || install_torch "${pin%==*}" "${pin#*==}"
    done
    cp "$1" .venv/installed/
}

is_installed() { ls .venv/lib/python3*/site-packages/"$1-$2"*.dist-info/RECORD >/dev/null 2>&1; }

# PyTorch's index is used for this package only, and only if it responds: pip would retry for minutes.
install_torch() {
    if cpu_index_answers; then
        say "installing $1 $2 (CPU build)"
        pip_install --no-deps --index-url "$TORCH_INDEX" "$1==$2+cpu"
    else
        say "installing $1 $2 from pip's index${TORCH_INDEX:+ (no CPU build at $TORCH_INDEX)}"
        pip_install "$1==$2"
    fi
    case $1 in
    torch) note_cuda ;;
    torchvision) note_unusable_torchvision ;;
    esac
}

cpu_index_answers() {
    [ -n "${TORCH_INDEX-}" ] && [ "$(uname -sm)" = 'Linux x86_64' ] && quietly timeout 5 \
        .venv/bin/python -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1])' "$TORCH_INDEX/torch/"
}

pip_install() {
    quietly .venv/bin/python -m pip --disable-pip-version-check --no-input install "$@" ||
        fail "'pip install $*' failed:" \
            "check the network, the free disk space, and pip's index and proxy ('.venv/bin/pip config list')"
}

note_cuda() {
    grep -qs '^cuda.* = None' .venv/lib/python3*/site-packages/torch/version.py ||
        say 'note: this torch is a large CUDA build; set TORCH_INDEX to an index with CPU builds for a smaller one'
}

note_unusable_torchvision() {
    quietly .venv/bin/python -c 'import torchvision' ||
        say 'note: torchvision does not load with this torch; train from a folder of images (make train DATA=folder)'
}

main "$@"
