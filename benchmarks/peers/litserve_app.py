"""LitServe with its batching: up to 8 requests that come within 2 ms."""

import sys
from collections.abc import Sequence

import numpy as np
from fastapi import Request, Response
from litserve import LitAPI, LitServer
from numpy.typing import NDArray

from benchmarks.peers.classifier import Classifier, answer, decode, dumped

Images = list[NDArray[np.uint8]]


class Api(LitAPI):  # type: ignore[misc]
    def setup(self, device: str) -> None:
        self.classifier = Classifier()

    def decode_request(self, request: Request) -> Images:  # already parsed as a form
        return [decode(each.file.read()) for each in request.getlist("file")]

    def batch(self, inputs: Sequence[Images]) -> Sequence[Images]:
        return inputs

    def predict(self, inputs: Sequence[Images]) -> list[NDArray[np.float32]]:
        found = self.classifier.probabilities([image for images in inputs for image in images])
        ends = np.cumsum([len(images) for images in inputs])[:-1]
        return list(np.split(found, ends))

    def unbatch(self, output: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        return output

    def encode_response(self, output: NDArray[np.float32]) -> Response:
        return Response(dumped([answer(each) for each in output]), media_type="application/json")


def main(port: int, workers: int) -> None:
    api = Api(max_batch_size=8, batch_timeout=0.002, api_path="/predict")
    server = LitServer(api, accelerator="cpu", workers_per_device=workers)
    server.run(host="127.0.0.1", port=port, log_level="warning", access_log=False, generate_client_file=False)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
