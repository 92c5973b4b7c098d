"""Signs requests with what the clouds publish for that: requests as JSON in, signatures as JSON out.

What these programs import and a signature does not need (HTTP clients, RSA) is not installed: an empty name
stands for it.
"""

import importlib.abc
import importlib.machinery
import json
import sys
import types
from unittest import mock
from urllib.parse import parse_qsl, unquote, urlsplit

ABSENT = {"Tea", "alibabacloud_tea_util", "certifi", "cryptography", "pyasn1", "requests"}


class Empty(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Empty(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, Finder())

from alibabacloud_openapi_util.client import Client as Alibaba
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile


def amazon(case):
    body, headers = case["body"].encode(), case["headers"]
    request = AWSRequest(method=case["method"], url=case["url"], data=body, headers=headers)
    request.context["timestamp"] = headers["x-amz-date"]
    keys = Credentials(case["id"], case["secret"], headers.get("x-amz-security-token"))
    auth = SigV4Auth(keys, case["service"], case["region"])
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    auth._inject_signature_to_request(request, signature)
    return request.headers["Authorization"]


def aliyun(case):
    algorithm, url = "ACS3-HMAC-SHA256", urlsplit(case["url"])
    request = types.SimpleNamespace(
        method=case["method"],
        pathname=url.path,
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers=case["headers"],
    )
    payload = Alibaba.hex_encode(Alibaba.hash(case["body"].encode(), algorithm))
    return Alibaba.get_authorization(request, algorithm, payload, case["id"], case["secret"])


def huawei(case):
    url = urlsplit(case["url"])
    request = SdkRequest(
        method=case["method"],
        schema=url.scheme,
        host=url.netloc,
        resource_path=unquote(url.path),
        query_params=parse_qsl(url.query, keep_blank_values=True),
        header_params=dict(case["headers"]),
        body=case["body"],
    )
    keys = types.SimpleNamespace(ak=case["id"], sk=case["secret"])
    return Signer(keys).sign(request).header_params["Authorization"]


def tencent(case):
    url, headers = urlsplit(case["url"]), case["headers"]
    keys = Credential(case["id"], case["secret"], headers.get("x-tc-token"))
    profile = ClientProfile(httpProfile=HttpProfile(endpoint=url.netloc))
    client = CommonClient(case["service"], "2019-09-24", keys, case["region"], profile)
    request = RequestInternal(url.netloc, case["method"], url.path)
    with mock.patch("time.time", return_value=int(headers["x-tc-timestamp"])):
        client._build_req_with_tc3_signature(headers["x-tc-action"], json.loads(case["body"]), request)
    assert request.data == case["body"], "the body is not as it would be sent"
    return request.header["Authorization"]


CLOUDS = {"amazon": amazon, "aliyun": aliyun, "huawei": huawei, "tencent": tencent}

json.dump([CLOUDS[case["cloud"]](case) for case in json.load(sys.stdin)], sys.stdout)
