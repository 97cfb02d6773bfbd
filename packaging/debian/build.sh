#!/usr/bin/env bash
# Makes Debian packages of what cargo has built in PROFILE, with the tools of dpkg: `build.sh PROFILE`, by `make deb`.
set -euo pipefail
umask 022
profile=$1
cd "$(dirname "$0")/../.."

source=packaging/debian
out=$PWD/target/debian
work=$out/work
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
lib=usr/lib/$multiarch
version=$(dpkg-parsechangelog -l $source/changelog -S Version)
upstream=${version%-*}
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l $source/changelog -S Timestamp)

grep -q "^version = \"$upstream\"$" Cargo.toml || {
    echo "$source/changelog is of version $upstream, and Cargo.toml is not" >&2
    exit 1
}
rm -rf "$out"
mkdir -p "$work/debian"
cp $source/{control,changelog} "$work/debian"
make --silent --old-file=dist install PROFILE="$profile" DESTDIR="$work/all" PREFIX=/usr LIB="lib/$multiarch"

# Moves files of the whole installation to a package.
take() {
    local package=$1 path
    shift
    for path; do
        mkdir -p "$work/$package/$(dirname "$path")"
        mv "$work/all/"$path "$work/$package/$(dirname "$path")"
    done
}
take libfacenet0 "$lib/libfacenet.so.*"
take libfacenet-dev usr/include "$lib"
take facenet usr/bin
take facenet-models usr/share/facenet
rm "$work/facenet-models/usr/share/facenet/models/LICENSE"

strip --strip-unneeded --remove-section=.comment "$work/libfacenet0/$lib/libfacenet.so.$upstream" "$work/facenet/usr/bin/facenet"
strip --strip-debug --enable-deterministic-archives "$work/libfacenet-dev/$lib/libfacenet.a"

cd "$work"
mkdir libfacenet0/DEBIAN
soname=$(objdump -p "libfacenet0/$lib/libfacenet.so.$upstream" | sed -n 's/^ *SONAME *libfacenet\.so\.//p')
echo "libfacenet $soname libfacenet$soname (>= $upstream)" > libfacenet0/DEBIAN/shlibs
echo "activate-noawait ldconfig" > libfacenet0/DEBIAN/triggers
dpkg-gensymbols -q -c0 -v"$upstream" -plibfacenet0 -Plibfacenet0 -Olibfacenet0/DEBIAN/symbols

for package in libfacenet0 libfacenet-dev facenet facenet-models; do
    mkdir -p "$package/DEBIAN" "$package/usr/share/doc/$package"
    cp "$OLDPWD/$source/copyright" "$package/usr/share/doc/$package"
    gzip -9n < debian/changelog > "$package/usr/share/doc/$package/changelog.Debian.gz"
    gzip -9n < "$OLDPWD/CHANGELOG.md" > "$package/usr/share/doc/$package/changelog.gz"
    : > debian/substvars
    case $package in
    libfacenet0) dpkg-shlibdeps -Tdebian/substvars -elibfacenet0/"$lib/libfacenet.so.$upstream" ;;
    facenet) dpkg-shlibdeps -Tdebian/substvars -efacenet/usr/bin/facenet ;;
    esac
    case $package in
    libfacenet0 | facenet) cp "$OLDPWD/$source/README.Debian" "$package/usr/share/doc/$package" ;;
    esac
    (cd "$package" && find usr -type f -print0 | sort -z | xargs -0 md5sum > DEBIAN/md5sums)
    dpkg-gencontrol -p"$package" -P"$package" -Tdebian/substvars -fdebian/files
    dpkg-deb --root-owner-group -z1 --build "$package" "$out" > /dev/null
done
cd "$out"
rm -rf "$work"
ls -l ./*.deb
