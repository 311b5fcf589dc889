# Print file:line:code with the contents of comments, strings and characters removed, so that the
# lints see code only. A `//` comment leaves "//" behind. NOLINT in a comment is kept as a word.
FNR == 1 { comment = 0 }
{
    out = ""
    line = $0
    marker = line ~ /NOLINT\([a-z-]+\): / ? " NOLINT" : ""
    while (line != "") {
        if (comment) {
            end = index(line, "*/")
            if (end == 0)
                break
            line = substr(line, end + 2)
            comment = 0
        } else if (match(line, /\/\*|\/\/|"|'/)) {
            token = substr(line, RSTART, RLENGTH)
            out = out substr(line, 1, RSTART - 1)
            line = substr(line, RSTART + RLENGTH)
            if (token == "/*") {
                comment = 1
            } else if (token == "//") {
                out = out "//"
                break
            } else {
                out = out token token
                while (line != "") {
                    first = substr(line, 1, 1)
                    line = substr(line, first == "\\" ? 3 : 2)
                    if (first == token)
                        break
                }
            }
        } else {
            out = out line
            break
        }
    }
    if (out ~ /[^ \t]/)
        print FILENAME ":" FNR ":" out marker
}
