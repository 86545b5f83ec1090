at "$2"
ls -d -- "$b" >/dev/null || exit 1
n=
tell "$b" -maxdepth 0
