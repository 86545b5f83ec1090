has setsid flock mkfifo
n=
if ! find_context "$2"; then
[ "$3" ] || say absent
state code
n=$state/.new-$SUPERSERVE_CALL
trap 'rm -rf -- "$n"' EXIT
trap 'exit 1' TERM
mkdir -m 700 -- "$n" && echo "$3" >"$n/language" || exit 1
d=$state/$id
mv -T -- "$n" "$d" 2>/dev/null || [ -d "$d" ] || exit 1
fi
exec 9>"$d/lock" && flock 9 || exit 1
alive && exit
sweep
rm -rf -- "$d/running" "$d"/run-* "$d/new"
# Pipes of its own: of the last driver's something may still read that was killed and is not yet gone.
mkdir -- "$d/new" && (cd -- "$d/new" && mkfifo requests stdout stderr && mv -f requests stdout stderr ..) && rm -r -- "$d/new" || exit 1
read -r l <"$d/language"
case $l in
python) f=driver.py t='python3 python' ;;
javascript) f=driver.cjs t='node nodejs' ;;
*) f=driver.sh t=bash ;;
esac
driver "$l" >"$d/$f" || exit 1
e=$(outlive sh -c 'for t in $2; do
! command -v "$t" >/dev/null || exec "$t" "$0" "$1"
done
echo "superserve:tool_missing:${2%% *}"' "$d/$f" "$d" "$t" </dev/null 2>&1 9>&-)
alive && exit
[ -z "$n" ] || rm -rf -- "$d"
printf '%s\n' "$e" >&2
exit 1
