# SPDX-License-Identifier: AGPL-3.0-or-later
#
# access_token USER SECONDS: an access token of OAuth 2.0 (a JWT, RFC 7519) that the private Dovecot takes for so long.

access_token() {
    local key now said
    base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
    key=$(openssl base64 -d -A <"$SERVERS_DIR/dovecot/keys/default/HS256/default" | od -An -tx1 | tr -d ' \n')
    now=$(date +%s)
    said=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(
        printf '{"sub":"%s","email":"%s","iat":%d,"exp":%d}' "$1" "$1" $((now - 7200)) $((now + $2)) | base64url)
    echo "$said.$(printf %s "$said" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64url)"
}
