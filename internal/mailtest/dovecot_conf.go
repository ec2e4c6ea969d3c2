package mailtest

const tokenIssuer = "https://issuer.example"

const oauthConf = `introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$DIR/keys/
username_attribute = sub
issuers = ` + tokenIssuer + `
`

// dovecotConf: every port on loopback, no file outside of the directory.
const dovecotConf = `base_dir = $DIR/run
state_dir = $DIR/state
log_path = $DIR/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <$DIR/tls/cert.pem
ssl_key = <$DIR/tls/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login oauthbearer xoauth2
auth_failure_delay = 0
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
imap_idle_notify_interval = 2 mins
maildir_very_dirty_syncs = no
default_process_limit = 100
passdb {
  driver = static
  mechanisms = plain login
  args = password=$SECRET
}
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = $DIR/oauth2.conf
}
userdb {
  driver = static
  args = uid=$UID gid=$UID home=$DIR/mail/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  mailbox Sent {
    auto = create
    special_use = \Sent
  }
  mailbox Junk {
    auto = create
    special_use = \Junk
  }
  mailbox Processed {
    auto = create
  }
  mailbox Failed {
    auto = create
  }
}
service imap-login {
  inet_listener imap {
    port = $IMAP_PORT
  }
  inet_listener imaps {
    port = $IMAPS_PORT
    ssl = yes
  }
  service_count = 0
  process_min_avail = 1
}
service imap {
  service_count = 100
  process_min_avail = 1
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $LMTP_PORT
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
  client_limit = 4000
}
service auth {
  client_limit = 4000
  inet_listener postfix-sasl {
    address = 127.0.0.1
    port = $SASL_PORT
  }
}
`
