# Light libraries are linked.  Heavy ones (libcurl, OpenSSL, readline, FAISS,
# BLAS) give us their headers here and are opened when first used.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(LIGHT REQUIRED jansson lmdb libutf8proc md4c tinfo)
pkg_check_modules(HEAVY REQUIRED libcurl libssl libcrypto readline libargon2
	libcrypt libzip)
find_library(STEMMER_LIBRARY stemmer REQUIRED)

set(MNEME_LIBRARIES ${LIGHT_LINK_LIBRARIES} ${STEMMER_LIBRARY}
	Threads::Threads m ${CMAKE_DL_LIBS})
