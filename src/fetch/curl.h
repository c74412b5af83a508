/*
 * curl.h - what is used of libcurl, found by name when first needed.
 *
 * The header gives constants and types only; calling one of its functions by
 * its own name would link the library in.
 */
#ifndef FETCH_CURL_H
#define FETCH_CURL_H

#include <curl/curl.h>

#include "mneme/base.h"

struct error;

struct curl_library {
	curl_version_info_data *(*version_info)(CURLversion which);
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
	CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
	CURLcode (*easy_pause)(CURL *easy, int mask);
	void (*easy_reset)(CURL *easy);
	void (*easy_cleanup)(CURL *easy);
	const char *(*easy_strerror)(CURLcode code);
	struct curl_slist *(*slist_append)(struct curl_slist *list,
					   const char *text);
	void (*slist_free_all)(struct curl_slist *list);
	time_t (*getdate)(const char *text, const time_t *unused);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
	CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_socket_action)(CURLM *multi, curl_socket_t fd,
					 int events, int *running);
	CURLMcode (*multi_assign)(CURLM *multi, curl_socket_t fd, void *arg);
	CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
	CURLMcode (*multi_cleanup)(CURLM *multi);
};

extern struct curl_library curl;

/* Load it, once; on the loop's thread. */
bool curl_load(struct error *err);

#endif
