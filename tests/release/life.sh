#!/bin/bash
# Ten nights of a province, or as many as the first word says, and what comes after, on a Debian with Python, nginx and
# nothing else, without a network. Run as root in a root of its own (test_bare_debian.py): /root has the archives, the
# key that signed them and the answers. Each chapter prints a row of a table: what was done, the seconds it took by the
# wall and of the processor, what lies on the disks after it. Days pass by clock.c.
set -euo pipefail
export SSL_CERT_FILE=/etc/ssl/province.pem
site=https://loa.example.vn
nights=/mnt/backup/loa/nights
count=${1:-10}

chapter() { # of the lines since the chapter before; bash keeps its own clock
    local now=$SECONDS processor
    processor=$(worked)
    printf '| %s | %s | %s | %s | %s |\n' "$1" $((now - ${began:-0})) $((processor - ${worked_before:-0})) \
        "$(megabytes /srv/loa)" "$(megabytes /mnt/backup/loa)" | tee -a /root/table
    began=$now worked_before=$processor
}
worked() { # seconds of the processor of what ended so far, from /proc: user and system, 100 to the second
    local fields
    read -ra fields </proc/$$/stat
    echo $(((fields[15] + fields[16]) / 100))
}
megabytes() { if [ -e "$1" ]; then du -sm "$1" | cut -f 1; else echo -; fi; }
back_up() { # beside the server's own jobs, of which one may be at it
    for _ in $(seq 60); do
        if loa backup 2>/root/said; then return; fi
        grep -F 'Another backup' /root/said || break
        sleep 2
    done
    cat /root/said >&2
    exit 1
}
must_fail() { # a sentence that it must say, and the command
    local sentence=$1
    shift
    if "$@" 2>/root/said; then echo "was not refused: $*" >&2; exit 1; fi
    grep -F "$sentence" /root/said || { cat /root/said >&2; exit 1; }
}
serve() {
    loa serve >/root/served 2>&1 &
    server=$!
    for _ in $(seq 1200); do
        if python3 -c "import urllib.request as r; r.urlopen('$site/api/v1/health')" 2>/dev/null; then return; fi
        kill -0 $server || { cat /root/served >&2; exit 1; }
        sleep 0.5
    done
    cat /root/served >&2
    exit 1
}
stop() {
    kill $server
    wait $server || true
}
newest() { ls -d $nights/* 2>/dev/null | grep -v unfinished | tail -n 1; }
held() { loa backup list | grep -F "$(newest)" | sed 's/.*  //'; } # records and photos of the newest night
accounts() { loa user list | grep -F 'quantri: Quản trị; admin of Tỉnh Hưng Yên'; }
install_it() { sh /root/release/install.sh --answers /root/answers.toml; }

cd /root
mkdir -p release && tar -xzf loa.tar.gz -C release --strip-components 1
(cd release && ssh-keygen -Y verify -f /root/key.txt -I release -n loa-release -s SHA256SUMS.sig <SHA256SUMS && sha256sum --quiet -c SHA256SUMS)
install -D -m 644 key.txt /etc/loa/allowed_signers
install_it
loa --version
test "$(stat -c %U /srv/loa)" = loa
test "$(stat -c %a /etc/ssl)" = 755
accounts
chapter 'installed from the archive'

# The province's own authority signs the request; nginx's block and its key are those that `loa install` put there.
/opt/loa/current/bin/python /root/authority.py
echo '127.0.0.1 loa.example.vn' >>/etc/hosts
rm -f /etc/nginx/sites-enabled/default
nginx -t
nginx
loa campaign open /tmp/practice.json # /root is root's alone, and loa runs as its own user
serve
back_up
stop
loa backup verify
loa doctor || test $? -eq 1
chapter 'served behind nginx, first backup'

export LD_PRELOAD=/usr/local/lib/clock.so
for day in $(seq $count); do
    export DAYS=$day
    before=$(newest)
    serve
    loa user add "xa.$day" --name "Xã $day" --unit $((12139 + 3 * day)) --role officer
    code=$(loa code --user "xa.$day" | grep -oE '[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4}' | head -n 1)
    loa conform $site --code "$code" >/root/proof || { cat /root/proof >&2; exit 1; } # a client's day, by each rule
    tail -n 1 /root/proof
    for _ in $(seq 1200); do
        [ "$(newest)" = "$before" ] || break
        sleep 0.5
    done
    test "$(newest)" != "$before"
    stop
    chapter "night $day, by the server's own job: $(held)"
done
test "$(ls $nights | wc -l)" -ge $((count < 7 ? count : 7))
loa sweep
loa user disable xa.1
loa user enable xa.1
loa backup
held >/root/held
accounts
loa backup verify
loa backup try
loa doctor || test $? -eq 1
chapter "one more backup by hand, all verified, one tried: $(cat /root/held)"

loa upgrade /root/next.tar.gz --dry-run
loa upgrade /root/next.tar.gz
loa --version | grep -F 9.9.9
serve
stop
chapter 'upgraded, backup before it included'
loa rollback | grep -F 'Say --yes'
loa rollback --yes
accounts
chapter 'rolled back'
must_fail 'is back as it was' env TEST_FAULT=full loa upgrade /root/next.tar.gz
accounts
chapter 'an upgrade that fails at the tables: put back'
must_fail 'copy it again' loa upgrade /root/damaged.tar.gz
chapter 'a damaged archive: refused'

mkdir /mnt/full && mount -t tmpfs -o size=100k none /mnt/full && chown loa /mnt/full
must_fail '/mnt/full has 0 MB left' env LOA_BACKUP_DIR=/mnt/full loa upgrade /root/next.tar.gz
must_fail 'was not finished' env LOA_BACKUP_DIR=/mnt/full loa backup
accounts
chapter 'backup disk full: upgrade and backup refused, the old one serves'

loa backup list
loa keys list
# The machine is gone. What is left: the archive, the disk of backups, and the keys on paper.
cp -p /etc/loa/secret_key /root/on-paper
night=$(newest)
rm -r /etc/loa /opt/loa /srv/loa
rm /usr/local/bin/loa /etc/systemd/system/loa.service /etc/nginx/conf.d/loa.conf /etc/ssl/loa.*
install -D -m 644 key.txt /etc/loa/allowed_signers
install_it
/opt/loa/current/bin/python /root/authority.py
nginx -s reload
chown -R loa: /mnt/backup/loa
must_fail 'The keys of this backup are not here' loa restore --replace "$night"
chapter 'a new machine; the key lost: restore refused'
loa restore --replace --without-keys "$night"
accounts
chapter 'what is sealed given up: restored without keys'
cat /root/on-paper >/etc/loa/secret_key
loa restore --replace "$night"
accounts
loa audit verify | tee /root/verified
grep -F 'lines), set aside by the restore at' /root/verified
loa backup
held | diff - /root/held
serve
stop
chapter "restored with the keys from paper: $(cat /root/held)"
loa keys add
serve
accounts
stop
loa audit verify
chapter 'another key, for nobody knows who saw the paper'
du -sm /opt/loa/releases/* /root/*.tar.gz
