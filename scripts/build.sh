# build.sh, sourced from the top of the tree: build PRESET [CMAKE OPTION]...
# configures and builds with warnings as errors, and prints what went wrong
# alone. With ccache, what was compiled before is not compiled again.
# shellcheck shell=sh
if command -v ccache >/dev/null; then
	CMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER:-ccache}
	export CMAKE_C_COMPILER_LAUNCHER
fi

build() {
	preset=$1
	shift
	mkdir -p "build/$preset"
	cmake --preset "$preset" -DASSAY_WERROR=ON "$@" >/dev/null
	cmake --build "build/$preset" -j "$(nproc)" >"build/$preset/build.log" 2>&1 || {
		grep -E 'error|warning|FAILED' "build/$preset/build.log" >&2 || tail -50 "build/$preset/build.log" >&2
		return 1
	}
}
