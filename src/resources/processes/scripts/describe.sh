process "$2"
tell || say absent
