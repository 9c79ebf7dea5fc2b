#!/bin/sh
# Installs the server and the nightly rotation, as root. After an update of the units run it again, then
# `systemctl restart credctl`.
set -eu
cd "$(dirname "$0")"
install -D -m 0644 credctl.sysusers.conf /etc/sysusers.d/credctl.conf
systemd-sysusers credctl.conf
install -m 0644 credctl.service credctl-rotate.service credctl-rotate.timer /etc/systemd/system/
install -d -o credctl -g credctl -m 0700 /var/lib/credctl
# Where there is a store already, this says so and ends with 5.
setpriv --reuid credctl --regid credctl --clear-groups \
  env HOME=/var/lib/credctl credctl store init --hash sha256 --store /var/lib/credctl/credctl.db || [ $? -eq 5 ]
systemctl daemon-reload
systemctl enable --now credctl.service credctl-rotate.timer
