#!/bin/sh
# Make .venv hold what a make target needs: setup-venv.sh serve [ENGINE] | test | train
#
# PYTHON       the interpreter to prefer (default: python3)
# TORCH_INDEX  a package index with CPU builds of PyTorch (default: none, take torch from pip's own index)
#
# A requirements file is copied to .venv/installed once pip is through with it, so the next run only compares the two.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"

export PIP_USER=0  # a user's "pip install --user" habit can't work inside a virtual environment
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

# One that does not exist is left to the server, which says so better.
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

# A virtual environment is bound to its folder and to its interpreter; either may have moved on.
venv_works() {
    [ "$(cat .venv/installed/path 2>/dev/null)" = "$(pwd -P)" ] && .venv/bin/python -c 'import pip' 2>/dev/null
}

make_venv() {
    python=$(find_python)
    rm -rf .venv
    mkdir .venv
    "$python" -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null || install_venv_module
    say "creating .venv with $("$python" --version)"
    quietly "$python" -m venv .venv || fail "$python could not make a virtual environment in $PWD/.venv"
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
    die "needs Python 3.11, 3.12 or 3.13, and ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || echo missing):" \
        "install one ('sudo apt-get install python3') or name one ('make PYTHON=/path/to/python3.11 ...')"
}

install_venv_module() {
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        die "$python lacks its venv module: run 'sudo apt-get install $package', then try again"
    fi
    say "installing $package"
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get install -y --no-install-recommends "$package" && return
    quietly apt-get update || fail "could not reach Debian's packages to install $package: check the network"
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

# PyTorch's index is asked for this package alone and only if it answers: pip retries a silent index for minutes.
install_torch() {
    if cpu_index_answers; then
        say "installing $1 $2 (CPU build)"
        pip_install --no-deps --index-url "$TORCH_INDEX" "$1==$2+cpu"
    else
        say "installing $1 $2 from pip's own index${TORCH_INDEX:+ (no CPU build at $TORCH_INDEX)}"
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
        say 'note: this torch is a CUDA build, which works but is large; TORCH_INDEX can name an index with CPU builds'
}

note_unusable_torchvision() {
    quietly .venv/bin/python -c 'import torchvision' ||
        say 'note: torchvision does not load beside this torch; train from a folder of images (make train DATA=folder)'
}

main "$@"
