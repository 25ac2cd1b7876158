#!/bin/sh
# Installs the station's virtual readers into this machine's own PC/SC service: the same slots that
# demo and tests have in a private one. Takes sudo when not root. `readers.sh remove` takes them out.
set -eu

driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
copies=/usr/local/lib/card-station
configuration=/etc/reader.conf.d/card-station

if [ "$(id -u)" -ne 0 ]; then
    echo "readers: writing to $configuration and $copies needs root; calling sudo"
    exec sudo "$0" "$@"
fi

restart() {
    if [ -d /run/systemd/system ]; then
        systemctl restart pcscd.socket
        systemctl try-restart pcscd.service
    else
        echo "readers: no systemd here: restart pcscd yourself to make this take effect"
    fi
}

if [ "${1:-}" = remove ]; then
    rm -rf "$copies" "$configuration"
    restart
    echo "readers: removed"
    exit 0
fi

if [ ! -e "$driver" ]; then
    echo "readers: $driver is missing; install the Debian package vsmartcard-vpcd" >&2
    exit 1
fi

# One copy of the driver for each entry: it keeps its slots in one table, so that two entries of
# the same file would steal each other's ports.
mkdir -p "$copies" "$(dirname "$configuration")"
for copy in 1 2; do
    install -m 0755 "$driver" "$copies/libvpcd-$copy.so"
done
cat > "$configuration" <<END
# Virtual readers of the card station: encoder and check station, and two desk readers.
FRIENDLYNAME "Card Printer"
DEVICENAME   /dev/null:20480
LIBPATH      $copies/libvpcd-1.so
CHANNELID    20480

FRIENDLYNAME "Desk Reader"
DEVICENAME   /dev/null:20490
LIBPATH      $copies/libvpcd-2.so
CHANNELID    20490
END
chmod 0644 "$configuration"
restart
echo "readers: Card Printer on ports 20480 and 20481, Desk Reader on 20490 and 20491"
echo "readers: the driver listens on every network interface; keep these ports behind a firewall"
