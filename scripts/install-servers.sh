#!/bin/sh
# Install what the server tests need and is missing: gcc (for -race), Dovecot (IMAP, LMTP) and Postfix.
#
# It acts only as root and with AFTERCARE_REQUIRE_SERVERS=1, on Debian and its kin. It asks no questions, starts no
# service, and never replaces a mail server that is installed already. With everything in place it does nothing.
# Exit status: 0 all there, 1 something is missing and could not or must not be installed.
set -eu

say() { printf 'install-servers: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

have() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# missing prints the packages whose programs are not there.
missing() {
	have gcc || printf 'gcc libc6-dev '
	[ -x /usr/lib/dovecot/imap ] || printf 'dovecot-imapd '
	[ -x /usr/lib/dovecot/lmtp ] || printf 'dovecot-lmtpd '
	have postfix || printf 'postfix '
}

want=$(missing)
if [ -z "$want" ]; then
	exit 0
fi
if [ "${AFTERCARE_REQUIRE_SERVERS:-}" != 1 ]; then
	say "not installed: $want(set AFTERCARE_REQUIRE_SERVERS=1 and run as root to install; tests that need them skip)"
	exit 0
fi
[ "$(id -u)" = 0 ] || fail "missing: $want; only root can install packages"
have apt-get || fail "missing: $want; no apt-get here: install them with this system's own tool"

# Postfix would push out exim4, sendmail and the like (they all provide mail-transport-agent): leave such a host alone.
case " $want" in
*" postfix "*)
	other=$(dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Provides}\n' 2>/dev/null |
		awk -F '\t' '$1 ~ /^ii/ && $2 != "postfix" && $3 ~ /(^|[ ,])mail-transport-agent($|[ ,(])/ { print $2 }')
	[ -z "$other" ] || fail "postfix is missing, but $(echo "$other" | tr '\n' ' ')is this host's mail server and is not replaced"
	;;
esac

# A policy-rc.d that forbids every start keeps the new services down. One that is there already stays as it is, moved
# aside for the while.
policy=/usr/sbin/policy-rc.d
kept=
restore() {
	if [ -n "$kept" ]; then
		mv -f "$kept" "$policy"
	else
		rm -f "$policy"
	fi
}
if [ -e "$policy" ] || [ -L "$policy" ]; then
	kept=$policy.aftercare.$$
	mv "$policy" "$kept"
fi
trap restore EXIT
trap 'exit 1' HUP INT TERM
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
if have debconf-set-selections; then
	echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
fi

install() {
	# $want is a list of words.
	# shellcheck disable=SC2086
	apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 $want
}

log=$(mktemp)
say "installing $want"
if ! install >"$log" 2>&1; then
	# Most often the package lists are absent or old.
	if ! { apt-get update -q && install; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		fail "apt-get could not install $want"
	fi
fi
rm -f "$log"

want=$(missing)
[ -z "$want" ] || fail "still missing after the installation: $want"
say "done"
