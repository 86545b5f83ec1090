list() {
for d in "$1"/*/; do
d=${d%/}
{ read -r l <"$d/language" || [ "$l" ]; } 2>/dev/null || continue
s=stopped t=-
if alive; then
s=idle
t=$(stat -c %Y -- "$d/pid")
for r in "$d"/run-*/; do
! is_waited_for "$r" || s=running
done
fi
echo "${d##*/} $l $s $t"
done
return 1
}
states code list
exit 0
