/*
 * test_tls: for tests of the TLS probes: how to start real servers. Include
 * after probes/ssh/test_ssh.h. Not part of assay itself.
 */
#ifndef ASSAY_PROBES_TEST_TLS_H
#define ASSAY_PROBES_TEST_TLS_H

#define TEST_CERTIFICATE(key, options)                                    \
	"openssl req -x509 -newkey " key " -nodes -subj /CN=dut " options \
	" -keyout key.pem -out cert.pem; "
#define TEST_CERTIFICATE_RSA                             \
	TEST_CERTIFICATE("rsa:2048", "-days 30 -addext " \
				     "subjectAltName=DNS:plc.example,IP:127.0.0.1")

/* nginx with these directives, as one process in the foreground. */
#define TEST_NGINX(directives)                                               \
	"printf 'user root; daemon off; master_process off; pid pid; "       \
	"error_log err; events {} http { access_log off; "                   \
	"ssl_certificate cert.pem; ssl_certificate_key key.pem; " directives \
	" server { listen 127.0.0.1:%s ssl; } }' $PORT > conf; "             \
	"exec nginx -p $PWD -e err -c $PWD/conf"

#define TEST_NGINX_STRONG                                                   \
	TEST_CERTIFICATE_RSA TEST_NGINX(                                    \
		"ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers " \
		"on; ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:"              \
		"ECDHE-RSA-AES128-GCM-SHA256; ssl_ecdh_curve X25519;")
#define TEST_NGINX_DEFAULT               \
	TEST_CERTIFICATE_RSA TEST_NGINX( \
		"ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;")
#define TEST_NGINX_WEAK                                    \
	TEST_CERTIFICATE_RSA                               \
	TEST_NGINX("ssl_protocols TLSv1 TLSv1.1 TLSv1.2; " \
		   "ssl_ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0;")

#endif
