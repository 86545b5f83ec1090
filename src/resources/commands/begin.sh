echo "$0 $$"
exec "$@"
